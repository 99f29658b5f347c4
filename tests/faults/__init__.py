"""What happens when a part fails: real servers, really killed."""
