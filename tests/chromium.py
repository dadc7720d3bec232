"""A real Chromium for tests, and axe-core, which looks for what keeps people from using a page."""

from contextlib import contextmanager

from requirements import need

# Without these, Chromium's own background services look for hosts that a closed network does not have.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def open_chromium():
    """Give a browser. As long as it is open an event loop runs, so nothing else that starts one may be going on."""
    need("playwright")
    path = need("chromium|chromium-browser|google-chrome")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def serious_violations(page, context=None):
    """Return what axe-core calls serious or critical on a page, as readable lines."""
    need("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, context=context).response
    assert found["passes"], "axe looked at nothing"
    return [
        f"{rule['impact']} {rule['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for rule in found["violations"]
        if rule["impact"] in ("serious", "critical")
        for node in rule["nodes"]
    ]
