"""Every command as people run it: in a separate process, against an emulator in another."""
