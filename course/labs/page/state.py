"""What a lab's view shows: a state, which computes and knows nothing of widgets."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from course.figures.drawing import Drawing, Picture, figure_html


class State:
    """What controls set attributes of, and a view shows.

    Attributes
    ----------
    SETTING : tuple of str
        The attributes by which a picture is told from that of another setting.
    """

    SETTING: ClassVar[tuple[str, ...]] = ()

    def advance(self, budget_s: float) -> bool:
        """Compute for at most about so long; say whether the picture is not complete yet."""
        return False

    def ahead(self, budget_s: float) -> bool:
        """Compute what may be asked for next; say whether there is more of it."""
        return False

    def settled(self) -> bool:
        """Say whether the picture stays as it is until a control is moved."""
        return True

    def key(self) -> str:
        """Name the setting that the picture belongs to."""
        said = ((name, getattr(self, name)) for name in self.SETTING)
        return " ".join(
            f"{name}={value:.2f}" if isinstance(value, float) else f"{name}={value}"
            for name, value in said
        )

    def things(self) -> tuple[Drawing, ...]:
        """Return the things themselves, whose measures the charts are."""
        return ()

    def charts(self) -> tuple[Picture, ...]:
        """Return the measures, below the things."""
        return ()

    def picture(self) -> str:
        """Return HTML."""
        things = "".join(map(figure_html, self.things()))
        charts = [figure_html(one) for one in self.charts()]
        if len(charts) == 4:  # four in a row or two by two: three would leave one alone
            pairs = zip(charts[::2], charts[1::2], strict=True)
            charts = [f'<div class="course-pair">{one}{other}</div>' for one, other in pairs]
        return f'{things}<div class="course-measures">{"".join(charts)}</div>'

    def words(self) -> str:
        """Say in a sentence or two what the picture shows."""
        raise NotImplementedError

    def message(self) -> str:
        """Say what is wrong with the learner's function; empty if nothing is known to be."""
        return ""


AnyState = TypeVar("AnyState", bound=State)


def complete(state: AnyState, **setting: Any) -> AnyState:
    """Set what controls would set, and compute until the picture is complete."""
    for name, value in setting.items():
        setattr(state, name, value)
    while state.advance(1.0):
        pass
    return state
