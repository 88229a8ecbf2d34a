"""What the owner wrote, the booking book, and the list of people to call back."""
