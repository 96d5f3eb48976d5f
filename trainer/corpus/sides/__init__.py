"""On which side each meme stands, so that none stands on two; and which test memes are on templates of their own."""
