"""Maps and lists of one's own.

Wire structs belong to the folds, which keep them. Public structs made of them get copies of
what can be changed, so that nobody who is handed one can reach the state.
"""

from typing import Any, cast


def own(value: Any) -> Any:
    """A copy of JSON's builtins, to any depth; what can't be changed is the same object.

    Call it where there is something to copy: most events have no properties.
    """
    if isinstance(value, dict):
        found = cast("dict[str, Any]", value)
        return {key: own(item) for key, item in found.items()}
    if isinstance(value, list | tuple):
        items = [own(item) for item in cast("list[Any]", value)]
        return tuple(items) if isinstance(value, tuple) else items
    return value
