from collections.abc import Iterator

import pytest
from selenium import webdriver
from service import BROWSER, Store
from serving import address_of


@pytest.fixture(scope="session")
def store() -> Store:
    return Store()


@pytest.fixture(scope="session")
def browser() -> Iterator[webdriver.Remote]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    driver = webdriver.Remote(f"http://{address_of(BROWSER)}:9515", options=options)
    yield driver
    driver.quit()
