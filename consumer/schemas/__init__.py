"""JSON Schemas of the wire messages and the AsyncAPI document of the topics: generated, and kept as files."""
