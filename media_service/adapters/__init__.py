"""One vendor a file, and the only file that imports that vendor's library."""
