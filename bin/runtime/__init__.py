"""What stands around the portal: the embedded servers and the supervisor. Imports no Django."""
