"""A yardstick for machines: work of the kind that a frame costs, done by libraries alone."""

from __future__ import annotations

import time
from itertools import islice
from pathlib import Path
from typing import Final

FRAMES: Final = 100


def yardstick_ms(video: Path, target: Path) -> float:
    """CPU time per frame, of one thread, of the yardstick: warping the video's first frames by OpenCV's remap,
    converting their colors, and encoding them by x264 at "superfast".

    Machines differ by three in what a frame costs, and by less in what it costs over this: compare that.
    """
    import av
    import cv2
    import numpy as np

    with av.open(str(video)) as source:
        frames = [frame.to_ndarray(format="rgb24") for frame in islice(source.decode(video=0), FRAMES)]
    height, width = frames[0].shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    x, y = x + 3 * np.sin(y / 40), y + 3 * np.cos(x / 40)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        with av.open(str(target), "w", format="mp4") as output:
            stream = output.add_stream("libx264", rate=25, options={"preset": "superfast", "threads": "1"})
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            began = time.process_time()
            for frame in frames:
                warped = cv2.remap(frame, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
                planes = np.asarray(cv2.cvtColor(warped, cv2.COLOR_RGB2YUV_I420), np.uint8)
                output.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
            output.mux(stream.encode(None))
            return 1000 * (time.process_time() - began) / len(frames)
    finally:
        cv2.setNumThreads(threads)
