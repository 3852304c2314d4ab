"""One file per thing that is seen on a screen."""
