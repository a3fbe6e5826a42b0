"""The commands as they are typed: arguments in, exit code out. Only this package prints."""
