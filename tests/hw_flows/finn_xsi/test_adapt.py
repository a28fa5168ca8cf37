import pytest

from hw_flows.finn_xsi.adapt import adapt


def test_a_structure_of_integers_is_packed() -> None:
    text = "typedef struct {\n  int unsigned  lo;  // low\n  logic [3:0] hi, top;\n} bits_t;"
    assert adapt(text) == text.replace("struct {", "struct packed {")


@pytest.mark.parametrize(
    "text",
    [
        "typedef struct { real r; } t;",
        "typedef struct { int a[4]; } t;",
        "typedef struct packed { int a; } t;",
        "typedef struct { other_t o; int a; } t;",
    ],
)
def test_any_other_structure_stays(text: str) -> None:
    assert adapt(text) == text


def test_a_message_that_lacks_its_value_keeps_the_place() -> None:
    assert adapt('$error("%m: %0d and 5%");') == '$error("%m: %%0d and 5%");'
    assert adapt('$error("%m: %0d", n);') == '$error("%m: %0d", n);'
