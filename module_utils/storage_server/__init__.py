"""What the modules do. Options and documentation are in `library`."""
