"""What eyes need to move: ball, iris, lids, and the glasses before them."""
