"""Numbers as a textbook prints them."""

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def format_number(value: float, digits: int = 4) -> str:
    """Return a number as a textbook would print it.

    >>> format_number(-0.25), format_number(1.2e-7)
    ('−0.25', '1.2·10⁻⁷')

    Parameters
    ----------
    value : float
        Any number.
    digits : int
        Significant digits, at least 1.

    Returns
    -------
    str
        With a true minus sign.

    Raises
    ------
    ValueError
        If `digits` is less than 1.
    """
    if digits < 1:
        raise ValueError(f"digits must be at least 1, not {digits}")
    text = f"{value:.{digits}g}"
    mantissa, _, exponent = text.partition("e")
    if float(text) == 0:
        return "0"
    shown = mantissa.replace("-", "−")
    if exponent:
        shown += "·10" + str(int(exponent)).translate(_SUPERSCRIPTS)
    return shown
