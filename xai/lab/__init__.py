"""The laboratory: experiments that find out whether an evidence map tells the truth about its model.

Every experiment takes a :class:`~xai.lab.subject.Subject`, a film on one classifier's canvas. Those that need many
forward passes are generators: the first item comes after the first of them, and closing the generator stops the work,
for nothing runs in the background. All are stateless and safe under threads. :mod:`~xai.lab.guide` says what each asks
and what it cannot show, :mod:`~xai.lab.words` what it found.
"""

from xai.lab.subject import Subject

__all__ = ["Subject"]
