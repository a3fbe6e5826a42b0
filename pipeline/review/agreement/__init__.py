"""How far coders agree with each other, with themselves and with the machine."""
