"""Loading a folder of one's own in a test: nothing that lies in it may change."""

import pytest

import course_utils as cu
from course_utils.errors import CourseError, DataError


def everything(folder):
    """Return what tells whether a file was touched."""
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def load(folder, **options):
    before = everything(folder)
    try:
        return cu.load_folder(folder, **{"validation_split": 0.2, "image_size": 32} | options)
    finally:
        assert everything(folder) == before


def refused(folder, kind=DataError, **options):
    """Return the message of the error that loading must end with."""
    with pytest.raises(kind) as caught:
        load(folder, **options)
    assert isinstance(caught.value, CourseError)
    assert "what to do" in str(caught.value)
    return str(caught.value)
