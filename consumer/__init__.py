"""How posts flow: brokers, wire, cache, policy, pipeline. Import the module you need; nothing is loaded here."""
