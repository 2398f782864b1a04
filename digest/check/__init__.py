"""Look an edition over before it is sent."""
