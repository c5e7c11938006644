"""Products and groups are looked for under all their names."""

from __future__ import annotations

from threatstamp.config.sought import sought_for
from threatstamp.core.assets.product import Product
from threatstamp.core.facts.actors import NamedThreat, NameType


def test_a_product_has_its_built_in_names_and_our_own() -> None:
    own = Product(name="Hakobune FTP", aliases=("ハコブネFTP",))
    assert '"ハコブネFTP"' in sought_for("hakobune ftp", [own]).names
    assert len(sought_for("SonicWall SMA1000", ()).names) >= 1
    assert len(sought_for("FortiOS", ()).names) > 1


def test_a_group_has_its_other_names_but_no_everyday_words() -> None:
    names = sought_for("apt29", ()).names
    assert '"Cozy Bear"' in names
    listed = NamedThreat(name="架空の集団", type=NameType.ACTOR, synonyms=("Kakuu Bear",))
    assert '"架空の集団"' in sought_for("kakuu bear", (), [listed]).names


def test_an_address_is_looked_for_without_its_scheme() -> None:
    assert sought_for("hxxps://evil[.]example/a", ()).names == ("evil[.]example/a",)
