"""Nothing secret is in the built book: pages, search index, downloads."""

from chainrule.course import secrecy


def test_the_site_holds_no_secret(root, site):
    assert secrecy.check_site(root, site) > 10


def test_no_sources_are_copied(site):
    assert not (site / "_sources").exists()
