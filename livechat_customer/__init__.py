"""LiveChat customer client: an event-sourced state store with reactive views."""
