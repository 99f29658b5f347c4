"""The pages in a real Chromium, on a real shop with the demo catalogue."""
