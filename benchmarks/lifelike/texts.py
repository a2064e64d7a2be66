"""Texts of people, tools and models in lifelike logs: code, listings, output, several scripts."""

from functools import cache

from spendlight.demo.texts import Texts

_LINES = (
    "     {n}→\tif (reading.height > threshold && !lamp.isLit) {{",
    "     {n}→\t\treturn signals.filter((signal) => signal.strength >= 0.{n});",
    "     {n}→",
    "     {n}→    def keep_watch(self, tide: Tide, lamp: Lamp) -> list[Signal]:",
    "     {n}→        self.log.info('fog at %s, strength %d', tide.at, {n})",
    '     {n}→  "harbour-{n}": {{ "version": "^{n}.4.1", "dev": true }},',
    "/home/ada/code/lighthouse/src/harbour/charts/tide_tables_{n}.test.ts",
    "/home/ada/code/lighthouse/node_modules/@harbour/almanac/dist/esm/moon/phase_{n}.js",
    "src/fog/sensor_{n}.py:{n}:17: error: Argument 1 has incompatible type  [arg-type]",
    "PASS  test/fog/sensor_{n}.test.ts > keeps still while the lamp is dark ({n} ms)",
    "drwxr-xr-x  7 ada ada   4096 Feb 12 16:{n} weather-diary-{n}",
    "2026-02-12T16:02:48.{n}Z INFO harbour.fog sensor {n} answered in {n} ms, nothing to report",
    "\t{n} files changed, {n} insertions(+), {n} deletions(-)",
    "The sensor is asked once for each lamp. So {n} requests go out when the fog comes in.",
    "I'll look at how the tide tables are read first, and then at the test that fails.",
    "- **Lamp {n}**: lit too early, as the threshold is taken from the sensor before it is set",
    "\x1b[32m✓\x1b[39m \x1b[2mtide {n}\x1b[22m – ça marche, à {n} m près",
    "潮位表を更新しました。第{n}灯台の霧センサーは正常です。",
    "Прилив в {n} см, маяк горит – всё в порядке.",
    "Die Lampe für Süd-Ost {n} läuft wieder, prüfe bitte die Größe der Tabelle 🌊",
    "C:\\Users\\ada\\lighthouse\\build\\tide_{n}.obj",
    'expect(screen.getByText("{n} lamps are lit")).toBeInTheDocument();',
    "| {n} | north pier | 4.{n} m | rising | ok |",
    "Traceback (most recent call last): sensor {n} did not answer within {n} s",
)
_QUOTED_USAGE = '{{"usage":{{"input_tokens":{n},"output_tokens":{n}}},"model":"claude-sonnet-4-6"}}'
"""As if somebody examined logs with the agent that wrote them."""


@cache
def all_texts() -> Texts:
    """Return the text that all pieces are cut from, made on first use."""
    return Texts([*_LINES * 30, _QUOTED_USAGE])
