"""Files written whole or not at all, private folders, and room on the disk."""
