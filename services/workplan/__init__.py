"""The year's plan: activities, adoption and amendments, progress; and the briefings for permanent missions."""
