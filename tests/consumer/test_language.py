"""Languages: what a post says, what its script says, and guesses."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from memelens.consumer.language import UNDETERMINED, IdentifiedLanguage, identify_language
from memelens.taxonomy import Language


@pytest.mark.parametrize(
    ("tag", "published", "language"),
    [
        ("ar", "ar", Language.ARABIC),
        ("AR-eg", "ar", Language.ARABIC),
        ("EN_us", "en", Language.ENGLISH),
        ("zh-Hant-TW", "zh", Language.CHINESE),
        ("hi-en", "hi", Language.HINDI),
        ("cmn", "zh", Language.CHINESE),
        ("tr", "tr", None),
        ("fil", "fil", None),
    ],
)
def test_what_a_post_says_is_believed(tag: str, published: str, language: Language | None) -> None:
    """The tag counts even where the text looks different; outside the nine it is published as it is."""
    assert identify_language(tag, "two cats") == IdentifiedLanguage(published, language, guessed=False)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("the cat sleeps on the keyboard again", "en"),
        ("el gato duerme otra vez sobre el teclado", "es"),
        ("die Katze schläft schon wieder auf der Tastatur", "de"),
        ("pisica doarme iar pe tastatură", "ro"),
        ("القطة نائمة على لوحة المفاتيح مرة أخرى", "ar"),
        ("বিড়ালটি আবার কিবোর্ডের উপর ঘুমাচ্ছে", "bn"),
        ("बिल्ली फिर से कीबोर्ड पर सो रही है", "hi"),
        ("кошка снова спит на клавиатуре", "ru"),
        ("猫又睡在键盘上了", "zh"),
        ("kedi yine klavyenin üstünde uyuyor", "tr"),
        ("le chat dort encore sur le clavier", "fr"),
        ("кіт знову спить на моїй клавіатурі", "uk"),
        ("گربه دوباره روی صفحه کلید خوابیده است", "fa"),
        ("猫がまたキーボードの上で寝ている", "ja"),
        ("猫の写真集", "ja"),
        ("고양이가 또 키보드 위에서 자고 있다", "ko"),
        ("แมวนอนบนแป้นพิมพ์อีกแล้ว", "th"),
        ("η γάτα κοιμάται πάλι στο πληκτρολόγιο", "el"),
    ],
)
@pytest.mark.parametrize("said", [None, "und", "", "??", "not a tag", "English", "x-klingon", "i-klingon"])
def test_what_a_post_does_not_say_is_guessed(said: str | None, text: str, tag: str) -> None:
    """The nine and common neighbours of their scripts are told apart, and the guess is marked."""
    found = identify_language(said, text)
    assert found.tag == tag
    assert found.guessed
    assert (found.language is not None) == (tag in Language.__members__.values())


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("जब बॉस बोले quick call @someone https://example.org/a/long/path", "hi"),
        ("deadline monday кошка снова спит", "ru"),
        ("the boss be like дякую, я вдома посиджу", "uk"),
        ("my whole weekend: кошка", "ru"),
    ],
)
def test_latin_words_in_another_script_do_not_decide(text: str, tag: str) -> None:
    """Memes mix in English words, links and names, often more of them than words of their own."""
    assert identify_language(None, text).tag == tag


@pytest.mark.parametrize("text", ["", "  ", "12:30 !!!", "\U0001f600\U0001f600"])
def test_without_letters_nothing_is_guessed(text: str) -> None:
    """Numbers and emoji are in no language."""
    assert identify_language(None, text) == IdentifiedLanguage(UNDETERMINED, None, guessed=True)


def test_threads_agree() -> None:
    """The classifier may be loaded and asked by many threads at once."""
    texts = ["the cat sleeps on the keyboard", "el gato duerme sobre el teclado"] * 20
    with ThreadPoolExecutor(8) as pool:
        assert [found.tag for found in pool.map(lambda text: identify_language(None, text), texts)] == ["en", "es"] * 20
