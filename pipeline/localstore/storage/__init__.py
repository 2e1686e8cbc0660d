"""What the store keeps: its database, images, products and picture files."""
