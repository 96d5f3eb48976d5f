"""How a meme becomes scores and rationales. Import the module you need; nothing heavy is loaded here."""
