"""JSON files of the course that hold a schema and one list: read and checked in one way."""

import json
from dataclasses import dataclass
from pathlib import Path

from .errors import CourseError


@dataclass(frozen=True)
class Listing:
    """A kind of file, and what is said when it cannot be used.

    Attributes
    ----------
    key : str
        Of the list, beside ``"schema"``.
    schema : int
        The one this version of the course writes.
    name : str
        To begin a sentence with.
    damaged, outdated : str
        Sentences: what happened.
    mend, update : str
        What to do then.
    """

    key: str
    schema: int
    name: str
    damaged: str
    outdated: str
    mend: str
    update: str

    def read(self, path, check) -> list:
        """Return what `check` makes of each entry; a missing file has none.

        Parameters
        ----------
        path : path-like
        check : callable
            Entry → what is returned for it; raises ValueError, KeyError, TypeError or AttributeError if it makes no
            sense. Not called for a file of another schema.

        Returns
        -------
        list

        Raises
        ------
        CourseError
            If the file is damaged, unreadable or of another schema.
        """
        path = Path(path)
        try:
            content = json.loads(path.read_text("utf-8"))
            schema = content["schema"]
            found = [check(entry) for entry in content[self.key]] if schema == self.schema else []
        except FileNotFoundError:
            return []
        except OSError as error:
            text = error.strerror or str(error)
            raise CourseError(f"{self.name} cannot be read.", where=str(path), found=text, fix=self.mend) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            text = f"{type(error).__name__}: {error}"
            raise CourseError(self.damaged, where=str(path), found=text, fix=self.mend) from error
        if schema != self.schema:
            raise CourseError(
                self.outdated,
                where=str(path),
                expected=f"schema {self.schema}",
                found=f"schema {schema}",
                fix=self.update,
            )
        return found
