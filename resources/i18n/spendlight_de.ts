<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
  <context>
    <name>AlertsPage</name>
    <message>
      <source>Alerts</source>
      <translation>Meldungen</translation>
    </message>
    <message>
      <source>Settings…</source>
      <translation>Einstellungen …</translation>
    </message>
    <message>
      <source>No alerts so far</source>
      <translation>Noch keine Meldungen</translation>
    </message>
    <message>
      <source>Set a budget in the settings, and what was told of it is listed here.</source>
      <translation>Lege in den Einstellungen ein Budget fest; was dazu gemeldet wurde, steht dann hier.</translation>
    </message>
    <message>
      <source>shown</source>
      <translation>gezeigt</translation>
    </message>
    <message>
      <source>shown a minute later</source>
      <translation>eine Minute später gezeigt</translation>
    </message>
    <message>
      <source>muted</source>
      <translation>stumm</translation>
    </message>
    <message>
      <source>warning</source>
      <translation>Warnung</translation>
    </message>
    <message>
      <source>critical</source>
      <translation>kritisch</translation>
    </message>
    <message>
      <source>block</source>
      <translation>Block</translation>
    </message>
    <message>
      <source>day</source>
      <translation>Tag</translation>
    </message>
    <message>
      <source>week</source>
      <translation>Woche</translation>
    </message>
    <message>
      <source>month</source>
      <translation>Monat</translation>
    </message>
    <message>
      <source>A new {0} has begun</source>
      <translation>Neu begonnen: {0}</translation>
    </message>
    <message>
      <source>{percent} % of the plan’s 5-hour limit</source>
      <translation>{percent} % der 5-Stunden-Grenze des Tarifs</translation>
    </message>
    <message>
      <source>{percent} % of the plan’s limit for the week</source>
      <translation>{percent} % der Wochengrenze des Tarifs</translation>
    </message>
    <message>
      <source>{used} an hour, more than {amount}</source>
      <translation>{used} in der Stunde, mehr als {amount}</translation>
    </message>
    <message>
      <source>{used} of {amount} for the {period}, and it will not last</source>
      <translation>{used} von {amount} ({period}), und das reicht nicht</translation>
    </message>
    <message>
      <source>{used} of {amount} for the {period}: {share} reached</source>
      <translation>{used} von {amount} ({period}): {share} erreicht</translation>
    </message>
  </context>
  <context>
    <name>BlocksPage</name>
    <message>
      <source>Usage by block</source>
      <translation>Nutzung nach Block</translation>
    </message>
  </context>
  <context>
    <name>BudgetOffer</name>
    <message>
      <source>Spendlight can tell you before a budget is used up</source>
      <translation>Spendlight kann Bescheid geben, bevor ein Budget aufgebraucht ist</translation>
    </message>
    <message>
      <source>For a block, a day, a week or a month. The ring shows how far it is.</source>
      <translation>Für einen Block, einen Tag, eine Woche oder einen Monat. Der Ring zeigt, wie weit es ist.</translation>
    </message>
    <message>
      <source>Set a budget…</source>
      <translation>Budget festlegen…</translation>
    </message>
    <message>
      <source>No, thanks</source>
      <translation>Nein, danke</translation>
    </message>
  </context>
  <context>
    <name>CardRow</name>
    <message>
      <source>{0}: {1}, not up to date</source>
      <translation>{0}: {1}, nicht aktuell</translation>
    </message>
  </context>
  <context>
    <name>Chart</name>
    <message>
      <source>Reset zoom</source>
      <translation>Alles zeigen</translation>
    </message>
    <message>
      <source>Cost</source>
      <translation>Kosten</translation>
    </message>
    <message>
      <source>Save picture…</source>
      <translation>Bild speichern …</translation>
    </message>
  </context>
  <context>
    <name>ChartPage</name>
    <message>
      <source>Show everything</source>
      <translation>Alles zeigen</translation>
    </message>
    <message>
      <source>Nothing matches the filter</source>
      <translation>Nichts passt zum Filter</translation>
    </message>
    <message>
      <source>In this range there is no usage of what is chosen above.</source>
      <translation>In diesem Zeitraum gibt es keine Nutzung dessen, was oben gewählt ist.</translation>
    </message>
    <message>
      <source>Nothing was used in this range</source>
      <translation>In diesem Zeitraum wurde nichts genutzt</translation>
    </message>
    <message>
      <source>There is usage outside of it.</source>
      <translation>Außerhalb davon gibt es welche.</translation>
    </message>
  </context>
  <context>
    <name>Charts</name>
    <message>
      <source>Other</source>
      <translation>Andere</translation>
    </message>
    <message>
      <source>Cost</source>
      <translation>Kosten</translation>
    </message>
    <message>
      <source>Tokens</source>
      <translation>Tokens</translation>
    </message>
    <message>
      <source>by day</source>
      <translation>je Tag</translation>
    </message>
    <message>
      <source>by week</source>
      <translation>je Woche</translation>
    </message>
    <message>
      <source>by month</source>
      <translation>je Monat</translation>
    </message>
    <message>
      <source>Nothing was used in this range.</source>
      <translation>In diesem Zeitraum wurde nichts genutzt.</translation>
    </message>
    <message>
      <source>Nothing was used in this time.</source>
      <translation>In dieser Zeit wurde nichts genutzt.</translation>
    </message>
    <message>
      <source>Cost by block</source>
      <translation>Kosten je Block</translation>
    </message>
    <message>
      <source>Share by model</source>
      <translation>Anteile der Modelle</translation>
    </message>
    <message>
      <source>Share by project</source>
      <translation>Anteile der Projekte</translation>
    </message>
    <message>
      <source>Sessions over time</source>
      <translation>Sitzungen im Lauf der Zeit</translation>
    </message>
    <message>
      <source>No sessions in this range.</source>
      <translation>Keine Sitzungen in diesem Zeitraum.</translation>
    </message>
    <message>
      <source>Week of {day}</source>
      <translation>Woche ab {day}</translation>
    </message>
    <message>
      <source>Today</source>
      <translation>Heute</translation>
    </message>
    <message>
      <source>{title}, {first} to {last}: {total} in all.</source>
      <translation>{title}, {first} bis {last}: zusammen {total}.</translation>
    </message>
    <message>
      <source>Most: {label} with {value}.</source>
      <translation>Am meisten: {label} mit {value}.</translation>
    </message>
    <message>
      <source>At this rate {value} at the end.</source>
      <translation>Bei diesem Tempo {value} am Ende.</translation>
    </message>
    <message>
      <source>{title}: {count} in all. Most: {label} with {value}.</source>
      <translation>{title}: zusammen {count}. Am meisten: {label} mit {value}.</translation>
    </message>
    <message>
      <source>Total</source>
      <translation>Summe</translation>
    </message>
  </context>
  <context>
    <name>CleanupDialog</name>
    <message>
      <source>Keep logs longer</source>
      <translation>Protokolle länger behalten</translation>
    </message>
    <message>
      <source>Done. Claude Code reads it at its next start.</source>
      <translation>Erledigt. Claude Code liest es beim nächsten Start.</translation>
    </message>
    <message>
      <source>days</source>
      <translation>Tage</translation>
    </message>
    <message>
      <source>How long logs are kept</source>
      <translation>Wie lange Protokolle behalten werden</translation>
    </message>
    <message>
      <source>Let Claude Code keep its logs for</source>
      <translation>Claude Code behält seine Protokolle</translation>
    </message>
  </context>
  <context>
    <name>Column</name>
    <message>
      <source>Day</source>
      <translation>Tag</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>Modelle</translation>
    </message>
    <message>
      <source>Month</source>
      <translation>Monat</translation>
    </message>
    <message>
      <source>Type</source>
      <translation>Art</translation>
    </message>
    <message>
      <source>Week of</source>
      <translation>Woche ab</translation>
    </message>
    <message>
      <source>Files</source>
      <translation>Dateien</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <source>Path</source>
      <translation>Pfad</translation>
    </message>
    <message>
      <source>Last change</source>
      <translation>Letzte Änderung</translation>
    </message>
    <message>
      <source>Depth</source>
      <translation>Tiefe</translation>
    </message>
    <message>
      <source>Folders</source>
      <translation>Ordner</translation>
    </message>
    <message>
      <source>Deleted from</source>
      <translation>Gelöscht ab</translation>
    </message>
    <message>
      <source>Project</source>
      <translation>Projekt</translation>
    </message>
    <message>
      <source>Session</source>
      <translation>Sitzung</translation>
    </message>
    <message>
      <source>Kept here</source>
      <translation>Hier bewahrt</translation>
    </message>
    <message>
      <source>What</source>
      <translation>Was</translation>
    </message>
    <message>
      <source>Detail</source>
      <translation>Näheres</translation>
    </message>
    <message>
      <source>When</source>
      <translation>Wann</translation>
    </message>
    <message>
      <source>Level</source>
      <translation>Stufe</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>Told</source>
      <translation>Gemeldet</translation>
    </message>
    <message>
      <source>Input</source>
      <translation>Eingabe</translation>
    </message>
    <message>
      <source>Output</source>
      <translation>Ausgabe</translation>
    </message>
    <message>
      <source>Cache write</source>
      <translation>Cache geschrieben</translation>
    </message>
    <message>
      <source>Cache read</source>
      <translation>Cache gelesen</translation>
    </message>
    <message>
      <source>Total tokens</source>
      <translation>Tokens gesamt</translation>
    </message>
    <message>
      <source>Cost</source>
      <translation>Kosten</translation>
    </message>
    <message>
      <source>Machine</source>
      <translation>Rechner</translation>
    </message>
    <message>
      <source>Last activity</source>
      <translation>Zuletzt aktiv</translation>
    </message>
    <message>
      <source>Start</source>
      <translation>Beginn</translation>
    </message>
    <message>
      <source>End</source>
      <translation>Ende</translation>
    </message>
    <message>
      <source>State</source>
      <translation>Zustand</translation>
    </message>
    <message>
      <source>Subagent</source>
      <translation>Unteragent</translation>
    </message>
    <message>
      <source>Time</source>
      <translation>Zeit</translation>
    </message>
    <message>
      <source>Kind</source>
      <translation>Art</translation>
    </message>
    <message>
      <source>Used for</source>
      <translation>Wofür</translation>
    </message>
    <message>
      <source>From</source>
      <translation>Von</translation>
    </message>
    <message>
      <source>Sessions</source>
      <translation>Sitzungen</translation>
    </message>
    <message>
      <source>Share of cost</source>
      <translation>Kostenanteil</translation>
    </message>
  </context>
  <context>
    <name>HeatMap</name>
    <message>
      <source>Less</source>
      <translation>Weniger</translation>
    </message>
    <message>
      <source>More</source>
      <translation>Mehr</translation>
    </message>
  </context>
  <context>
    <name>HistoryPage</name>
    <message>
      <source>Period</source>
      <translation>Zeitabschnitt</translation>
    </message>
    <message>
      <source>Day</source>
      <translation>Tag</translation>
    </message>
    <message>
      <source>Week</source>
      <translation>Woche</translation>
    </message>
    <message>
      <source>Month</source>
      <translation>Monat</translation>
    </message>
    <message>
      <source>Year</source>
      <translation>Jahr</translation>
    </message>
    <message>
      <source>Measure</source>
      <translation>Maß</translation>
    </message>
    <message>
      <source>Cost</source>
      <translation>Kosten</translation>
    </message>
    <message>
      <source>Tokens</source>
      <translation>Tokens</translation>
    </message>
    <message>
      <source>Stacked by</source>
      <translation>Gestapelt</translation>
    </message>
    <message>
      <source>By model</source>
      <translation>Nach Modell</translation>
    </message>
    <message>
      <source>By project</source>
      <translation>Nach Projekt</translation>
    </message>
    <message>
      <source>Usage over time</source>
      <translation>Nutzung im Lauf der Zeit</translation>
    </message>
    <message>
      <source>Week of {0}</source>
      <translation>Woche ab {0}</translation>
    </message>
    <message>
      <source>Cost of a year</source>
      <translation>Kosten eines Jahres</translation>
    </message>
    <message>
      <source>Tokens of a year</source>
      <translation>Tokens eines Jahres</translation>
    </message>
    <message>
      <source>Nothing was used in this range.</source>
      <translation>In diesem Zeitraum wurde nichts genutzt.</translation>
    </message>
    <message>
      <source>Total</source>
      <translation>Summe</translation>
    </message>
  </context>
  <context>
    <name>KeysDialog</name>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>Tastenkürzel</translation>
    </message>
    <message>
      <source>Go to a page</source>
      <translation>Zu einer Seite</translation>
    </message>
    <message>
      <source>Back to where you came from</source>
      <translation>Zurück</translation>
    </message>
    <message>
      <source>Return</source>
      <translation>Eingabe</translation>
    </message>
    <message>
      <source>Open what is marked</source>
      <translation>Markiertes öffnen</translation>
    </message>
    <message>
      <source>Walk through a chart; its values are read aloud</source>
      <translation>Durch ein Diagramm gehen; seine Werte werden vorgelesen</translation>
    </message>
    <message>
      <source>Zoom into a chart, and show all again</source>
      <translation>In ein Diagramm hinein und wieder alles zeigen</translation>
    </message>
    <message>
      <source>Go to the filter</source>
      <translation>Zum Filter</translation>
    </message>
    <message>
      <source>Copy the marked rows, or all</source>
      <translation>Markierte Zeilen kopieren, oder alle</translation>
    </message>
    <message>
      <source>Export the table</source>
      <translation>Tabelle ausgeben</translation>
    </message>
    <message>
      <source>Save the chart as a picture</source>
      <translation>Diagramm als Bild speichern</translation>
    </message>
    <message>
      <source>Hide amounts</source>
      <translation>Beträge verbergen</translation>
    </message>
    <message>
      <source>Refresh</source>
      <translation>Aktualisieren</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Close the window</source>
      <translation>Fenster schließen</translation>
    </message>
    <message>
      <source>Quit</source>
      <translation>Beenden</translation>
    </message>
    <message>
      <source>These shortcuts</source>
      <translation>Diese Tastenkürzel</translation>
    </message>
  </context>
  <context>
    <name>Kind</name>
    <message>
      <source>advisor</source>
      <translation>Berater</translation>
    </message>
    <message>
      <source>compaction</source>
      <translation>Verdichtung</translation>
    </message>
    <message>
      <source>fallback attempt</source>
      <translation>Versuch vor dem Wechsel</translation>
    </message>
    <message>
      <source>refused, not billed</source>
      <translation>abgelehnt, nicht abgerechnet</translation>
    </message>
  </context>
  <context>
    <name>LogTables</name>
    <message>
      <source>unreadable</source>
      <translation>nicht lesbar</translation>
    </message>
    <message>
      <source>broken link</source>
      <translation>Verweis ins Leere</translation>
    </message>
    <message>
      <source>link in a circle</source>
      <translation>Verweis im Kreis</translation>
    </message>
    <message>
      <source>on another file system</source>
      <translation>auf einem anderen Dateisystem</translation>
    </message>
    <message>
      <source>empty folder</source>
      <translation>leerer Ordner</translation>
    </message>
    <message>
      <source>without</source>
      <translation>ohne</translation>
    </message>
  </context>
  <context>
    <name>LogsPage</name>
    <message>
      <source>Folder</source>
      <translation>Ordner</translation>
    </message>
    <message>
      <source>All files, or *.jsonl</source>
      <translation>Alle, oder *.jsonl</translation>
    </message>
    <message>
      <source>Only files whose names fit</source>
      <translation>Nur Dateien mit passendem Namen</translation>
    </message>
    <message>
      <source>Choose folder…</source>
      <translation>Ordner wählen …</translation>
    </message>
    <message>
      <source>Look again</source>
      <translation>Erneut nachsehen</translation>
    </message>
    <message>
      <source>Looking through the folder</source>
      <translation>Ordner wird durchgesehen</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Keep logs longer…</source>
      <translation>Länger behalten …</translation>
    </message>
    <message>
      <source>Table</source>
      <translation>Tabelle</translation>
    </message>
    <message>
      <source>By project</source>
      <translation>Nach Projekt</translation>
    </message>
    <message>
      <source>By type</source>
      <translation>Nach Art</translation>
    </message>
    <message>
      <source>By depth</source>
      <translation>Nach Tiefe</translation>
    </message>
    <message>
      <source>Largest</source>
      <translation>Größte</translation>
    </message>
    <message>
      <source>Oldest</source>
      <translation>Älteste</translation>
    </message>
    <message>
      <source>Deleted next</source>
      <translation>Bald gelöscht</translation>
    </message>
    <message>
      <source>Oddities</source>
      <translation>Auffälliges</translation>
    </message>
    <message>
      <source>What the folder holds</source>
      <translation>Was der Ordner enthält</translation>
    </message>
    <message>
      <source>There is no log folder to look through.</source>
      <translation>Es gibt keinen Protokollordner, der durchzusehen wäre.</translation>
    </message>
    <message>
      <source>Files</source>
      <translation>Dateien</translation>
    </message>
    <message>
      <source>{0} folders</source>
      <translation>{0} Ordner</translation>
    </message>
    <message>
      <source>Size</source>
      <translation>Größe</translation>
    </message>
    <message>
      <source>{0} on disk</source>
      <translation>{0} auf der Platte</translation>
    </message>
    <message>
      <source>Oldest file</source>
      <translation>Älteste Datei</translation>
    </message>
    <message>
      <source>depth {0} at most</source>
      <translation>Tiefe höchstens {0}</translation>
    </message>
    <message>
      <source>empty, broken or unreadable</source>
      <translation>leer, zerbrochen oder nicht lesbar</translation>
    </message>
    <message>
      <source>Nothing is empty, broken or unreadable.</source>
      <translation>Nichts ist leer, zerbrochen oder unlesbar.</translation>
    </message>
    <message>
      <source>Nothing is due to be deleted.</source>
      <translation>Nichts steht zum Löschen an.</translation>
    </message>
    <message>
      <source>No file fits.</source>
      <translation>Keine Datei passt.</translation>
    </message>
    <message>
      <source>its default</source>
      <translation>seine Vorgabe</translation>
    </message>
    <message>
      <source>your settings</source>
      <translation>deine Einstellungen</translation>
    </message>
    <message>
      <source>your organisation’s settings</source>
      <translation>die Einstellungen deiner Organisation</translation>
    </message>
    <message>
      <source>Claude Code deletes logs {days} days after their last change ({whose}).</source>
      <translation>Claude Code löscht Protokolle {days} Tage nach der letzten Änderung ({whose}).</translation>
    </message>
    <message>
      <source>{count} of them ({size}) are due within 7 days.</source>
      <translation>{count} davon ({size}) sind in den nächsten 7 Tagen dran.</translation>
    </message>
    <message>
      <source>Their {cost} stay counted here.</source>
      <translation>Ihre {cost} bleiben hier gezählt.</translation>
    </message>
    <message>
      <source>because there are few files</source>
      <translation>denn es sind wenige Dateien</translation>
    </message>
    <message>
      <source>because there are many files</source>
      <translation>denn es sind viele Dateien</translation>
    </message>
    <message>
      <source>because there is only one processor</source>
      <translation>denn es gibt einen Prozessor</translation>
    </message>
    <message>
      <source>as requested</source>
      <translation>wie gewünscht</translation>
    </message>
    <message>
      <source>because the system could not start another</source>
      <translation>denn das System ließ keinen weiteren zu</translation>
    </message>
    <message>
      <source>Looked through in {seconds} s by one process, {why}.</source>
      <translation>In {seconds} s von einem Prozess durchgesehen, {why}.</translation>
    </message>
    <message>
      <source>Looked through in {seconds} s by {count} processes, {why}.</source>
      <translation>In {seconds} s von {count} Prozessen durchgesehen, {why}.</translation>
    </message>
    <message>
      <source>It was stopped before the end.</source>
      <translation>Es wurde vorher abgebrochen.</translation>
    </message>
    <message>
      <source>Looking…</source>
      <translation>Sieht nach …</translation>
    </message>
    <message>
      <source>{files} files, {size}</source>
      <translation>{files} Dateien, {size}</translation>
    </message>
    <message>
      <source>Choose folder</source>
      <translation>Ordner wählen</translation>
    </message>
  </context>
  <context>
    <name>MainWindow</name>
    <message>
      <source>Why do these numbers differ?</source>
      <translation>Warum weichen diese Zahlen ab?</translation>
    </message>
    <message>
      <source>This page is about a time of its own.</source>
      <translation>Diese Seite hat ihren eigenen Zeitraum.</translation>
    </message>
    <message>
      <source>Now</source>
      <translation>Jetzt</translation>
    </message>
    <message>
      <source>History</source>
      <translation>Verlauf</translation>
    </message>
    <message>
      <source>Sessions</source>
      <translation>Sitzungen</translation>
    </message>
    <message>
      <source>Projects</source>
      <translation>Projekte</translation>
    </message>
    <message>
      <source>Models</source>
      <translation>Modelle</translation>
    </message>
    <message>
      <source>Blocks</source>
      <translation>Blöcke</translation>
    </message>
    <message>
      <source>Logs</source>
      <translation>Protokolle</translation>
    </message>
    <message>
      <source>Alerts</source>
      <translation>Meldungen</translation>
    </message>
  </context>
  <context>
    <name>ModelsPage</name>
    <message>
      <source>Usage by model</source>
      <translation>Nutzung nach Modell</translation>
    </message>
  </context>
  <context>
    <name>MoreMenu</name>
    <message>
      <source>Export table…</source>
      <translation>Tabelle ausgeben …</translation>
    </message>
    <message>
      <source>Save picture…</source>
      <translation>Bild speichern …</translation>
    </message>
    <message>
      <source>Hide amounts</source>
      <translation>Beträge verbergen</translation>
    </message>
    <message>
      <source>Why do these numbers differ?</source>
      <translation>Warum weichen diese Zahlen ab?</translation>
    </message>
    <message>
      <source>Keyboard shortcuts</source>
      <translation>Tastenkürzel</translation>
    </message>
    <message>
      <source>Settings…</source>
      <translation>Einstellungen …</translation>
    </message>
  </context>
  <context>
    <name>Navigation</name>
    <message>
      <source>Pages</source>
      <translation>Seiten</translation>
    </message>
  </context>
  <context>
    <name>Notice</name>
    <message>
      <source>Attention</source>
      <translation>Achtung</translation>
    </message>
  </context>
  <context>
    <name>NowPage</name>
    <message>
      <source>Sessions of this block</source>
      <translation>Sitzungen dieses Blocks</translation>
    </message>
    <message>
      <source>No session was at work in this time.</source>
      <translation>In dieser Zeit war keine Sitzung aktiv.</translation>
    </message>
    <message>
      <source>This block, {0} to {1}</source>
      <translation>Dieser Block, {0} bis {1}</translation>
    </message>
    <message>
      <source>Last 24 hours</source>
      <translation>Letzte 24 Stunden</translation>
    </message>
    <message>
      <source>{0}, filtered</source>
      <translation>{0}, gefiltert</translation>
    </message>
  </context>
  <context>
    <name>PlotSurface</name>
    <message>
      <source>Budget {0}</source>
      <translation>Budget {0}</translation>
    </message>
  </context>
  <context>
    <name>Progress</name>
    <message>
      <source>Reading the logs</source>
      <translation>Protokolle werden gelesen</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
  </context>
  <context>
    <name>ProjectsPage</name>
    <message>
      <source>Usage by project</source>
      <translation>Nutzung nach Projekt</translation>
    </message>
  </context>
  <context>
    <name>ReportView</name>
    <message>
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>Copy</source>
      <translation>Kopieren</translation>
    </message>
    <message>
      <source>Export table…</source>
      <translation>Tabelle ausgeben …</translation>
    </message>
    <message>
      <source>Sort by</source>
      <translation>Sortieren nach</translation>
    </message>
    <message>
      <source>Columns</source>
      <translation>Spalten</translation>
    </message>
    <message>
      <source>Total</source>
      <translation>Summe</translation>
    </message>
  </context>
  <context>
    <name>Saver</name>
    <message>
      <source>The file was not written: {0}</source>
      <translation>Die Datei wurde nicht geschrieben: {0}</translation>
    </message>
    <message>
      <source>Choose another place, or look whether the disk is full.</source>
      <translation>Wähle einen anderen Ort, oder sieh nach, ob die Platte voll ist.</translation>
    </message>
  </context>
  <context>
    <name>Saving</name>
    <message>
      <source>Save picture</source>
      <translation>Bild speichern</translation>
    </message>
    <message>
      <source>Export table</source>
      <translation>Tabelle ausgeben</translation>
    </message>
    <message>
      <source>Comma-separated values (*.csv)</source>
      <translation>Werte mit Kommas (*.csv)</translation>
    </message>
    <message>
      <source>JSON (*.json)</source>
      <translation>JSON (*.json)</translation>
    </message>
    <message>
      <source>Markdown (*.md)</source>
      <translation>Markdown (*.md)</translation>
    </message>
    <message>
      <source>Parquet (*.parquet)</source>
      <translation>Parquet (*.parquet)</translation>
    </message>
    <message>
      <source>PNG picture (*.png)</source>
      <translation>PNG-Bild (*.png)</translation>
    </message>
    <message>
      <source>SVG drawing (*.svg)</source>
      <translation>SVG-Zeichnung (*.svg)</translation>
    </message>
  </context>
  <context>
    <name>ScopeBar</name>
    <message>
      <source>Range of days</source>
      <translation>Zeitraum</translation>
    </message>
    <message>
      <source>Today</source>
      <translation>Heute</translation>
    </message>
    <message>
      <source>Last 7 days</source>
      <translation>Letzte 7 Tage</translation>
    </message>
    <message>
      <source>Last 30 days</source>
      <translation>Letzte 30 Tage</translation>
    </message>
    <message>
      <source>This month</source>
      <translation>Dieser Monat</translation>
    </message>
    <message>
      <source>All time</source>
      <translation>Alles</translation>
    </message>
    <message>
      <source>Custom…</source>
      <translation>Eigener …</translation>
    </message>
    <message>
      <source>to</source>
      <translation>bis</translation>
    </message>
    <message>
      <source>First day</source>
      <translation>Erster Tag</translation>
    </message>
    <message>
      <source>Last day</source>
      <translation>Letzter Tag</translation>
    </message>
    <message>
      <source>Machine</source>
      <translation>Rechner</translation>
    </message>
    <message>
      <source>Project</source>
      <translation>Projekt</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>All projects</source>
      <translation>Alle Projekte</translation>
    </message>
    <message>
      <source>All models</source>
      <translation>Alle Modelle</translation>
    </message>
    <message>
      <source>All machines</source>
      <translation>Alle Rechner</translation>
    </message>
  </context>
  <context>
    <name>SessionPage</name>
    <message>
      <source>Answers of this session</source>
      <translation>Antworten dieser Sitzung</translation>
    </message>
    <message>
      <source>{0} min</source>
      <translation>{0} min</translation>
    </message>
    <message>
      <source>{0} h</source>
      <translation>{0} h</translation>
    </message>
    <message>
      <source>This session</source>
      <translation>Diese Sitzung</translation>
    </message>
    <message>
      <source>Answers</source>
      <translation>Antworten</translation>
    </message>
    <message>
      <source>Tokens</source>
      <translation>Tokens</translation>
    </message>
    <message>
      <source>{0} of them output</source>
      <translation>davon {0} Ausgabe</translation>
    </message>
    <message>
      <source>Last answer</source>
      <translation>Letzte Antwort</translation>
    </message>
    <message>
      <source>began {0}</source>
      <translation>begann {0}</translation>
    </message>
    <message>
      <source>Cost of the session</source>
      <translation>Kosten der Sitzung</translation>
    </message>
  </context>
  <context>
    <name>SessionsPage</name>
    <message>
      <source>Usage by session</source>
      <translation>Nutzung nach Sitzung</translation>
    </message>
  </context>
  <context>
    <name>State</name>
    <message>
      <source>active</source>
      <translation>aktiv</translation>
    </message>
    <message>
      <source>gap</source>
      <translation>Pause</translation>
    </message>
    <message>
      <source>not begun</source>
      <translation>noch nicht begonnen</translation>
    </message>
  </context>
  <context>
    <name>StretchPage</name>
    <message>
      <source>Sessions of this time</source>
      <translation>Sitzungen dieser Zeit</translation>
    </message>
  </context>
  <context>
    <name>TotalModel</name>
    <message>
      <source>Total</source>
      <translation>Summe</translation>
    </message>
  </context>
  <context>
    <name>Trail</name>
    <message>
      <source>Back</source>
      <translation>Zurück</translation>
    </message>
    <message>
      <source>Back to {0}</source>
      <translation>Zurück zu {0}</translation>
    </message>
  </context>
  <context>
    <name>Tray</name>
    <message>
      <source>&amp;Open window</source>
      <translation>Fenster &amp;öffnen</translation>
    </message>
    <message>
      <source>&amp;Refresh now</source>
      <translation>Jetzt &amp;aktualisieren</translation>
    </message>
    <message>
      <source>&amp;Settings…</source>
      <translation>&amp;Einstellungen …</translation>
    </message>
    <message>
      <source>&amp;Quit</source>
      <translation>&amp;Beenden</translation>
    </message>
    <message>
      <source>Alerts muted until {time}</source>
      <translation>Meldungen stumm bis {time}</translation>
    </message>
    <message>
      <source>&amp;Mute alerts</source>
      <translation>Meldungen &amp;stumm</translation>
    </message>
    <message>
      <source>For &amp;1 hour</source>
      <translation>Für &amp;1 Stunde</translation>
    </message>
    <message>
      <source>Until &amp;tomorrow</source>
      <translation>Bis &amp;morgen</translation>
    </message>
    <message>
      <source>Until the block &amp;ends</source>
      <translation>Bis zum &amp;Ende des Blocks</translation>
    </message>
    <message>
      <source>&amp;Unmute</source>
      <translation>Wieder &amp;melden</translation>
    </message>
  </context>
  <context>
    <name>WhyDialog</name>
    <message>
      <source>{answers} answers are counted. {prices}.</source>
      <translation>{answers} Antworten sind gezählt. {prices}.</translation>
    </message>
    <message>
      <source>These models have no known price, so what they cost is left out and marked “+ ?”: {models}. A price list of your own (Settings, Prices) can give them one.</source>
      <translation>Diese Modelle haben keinen bekannten Preis; was sie kosten, fehlt und ist mit „+ ?“ bezeichnet: {models}. Eine eigene Preisliste (Einstellungen, Preise) kann ihnen einen geben.</translation>
    </message>
    <message>
      <source>Every model has a known price.</source>
      <translation>Jedes Modell hat einen bekannten Preis.</translation>
    </message>
    <message>
      <source>{count} lines of the logs could not be read; “spendlight doctor” lists them.</source>
      <translation>{count} Zeilen der Protokolle waren nicht lesbar; „spendlight doctor“ nennt sie.</translation>
    </message>
    <message>
      <source>Every line of the logs could be read.</source>
      <translation>Jede Zeile der Protokolle war lesbar.</translation>
    </message>
    <message>
      <source>On this machine</source>
      <translation>Auf diesem Rechner</translation>
    </message>
    <message>
      <source>This is a list price, not a bill</source>
      <translation>Dies ist ein Listenpreis, keine Rechnung</translation>
    </message>
    <message>
      <source>Tokens are exact. The money is what they cost by the list prices of the API. With a subscription you pay a flat price, and an invoice may have discounts, taxes, and usage of other computers in it.</source>
      <translation>Die Tokens stimmen genau. Das Geld ist, was sie nach den Listenpreisen der API kosten. Mit einem Abonnement zahlst du einen festen Preis, und eine Rechnung kann Rabatte, Steuern und die Nutzung anderer Rechner enthalten.</translation>
    </message>
    <message>
      <source>/usage and /cost in Claude Code</source>
      <translation>/usage und /cost in Claude Code</translation>
    </message>
    <message>
      <source>They speak of your plan’s limits, which are not counted in dollars, or of the one session that is open. Here every session of this computer is counted, also those whose logs have been deleted since. What Claude Code says of your plan’s limits is shown as it says it, and is not reckoned from the logs.</source>
      <translation>Sie sprechen von den Grenzen deines Tarifs, die nicht in Dollar gezählt werden, oder von der einen offenen Sitzung. Hier zählt jede Sitzung dieses Rechners, auch solche, deren Protokolle inzwischen gelöscht sind. Was Claude Code über die Grenzen deines Tarifs sagt, steht hier, wie es gesagt wird, und ist nicht aus den Protokollen errechnet.</translation>
    </message>
    <message>
      <source>Each answer counts once</source>
      <translation>Jede Antwort zählt einmal</translation>
    </message>
    <message>
      <source>While an answer arrives it is logged again and again, and a resumed session copies old lines. Of all copies the fullest counts. Programs that add up every line show two or three times as much.</source>
      <translation>Während eine Antwort eintrifft, wird sie immer wieder aufgezeichnet, und eine fortgesetzte Sitzung kopiert alte Zeilen. Von allen Kopien zählt die vollste. Programme, die jede Zeile zusammenzählen, zeigen zwei- bis dreimal so viel.</translation>
    </message>
    <message>
      <source>ccusage</source>
      <translation>ccusage</translation>
    </message>
    <message>
      <source>The same rules, with these exceptions: every report has the same total here; usage of subagents that only progress lines tell of is counted; a request beyond a long-context threshold is priced as a whole, as it is billed; a model without a price is named and not counted as free; lines with unusual but valid values are counted; logs deleted after thirty days stay counted.</source>
      <translation>Dieselben Regeln, mit diesen Ausnahmen: Jeder Bericht hat hier dieselbe Summe; die Nutzung von Unteragenten zählt auch, wenn nur Fortschrittszeilen von ihr berichten; eine Anfrage über der Schwelle für lange Kontexte wird im Ganzen so berechnet, wie sie abgerechnet wird; ein Modell ohne Preis wird genannt und gilt nicht als kostenlos; Zeilen mit ungewöhnlichen, aber gültigen Werten zählen; Protokolle, die nach dreißig Tagen gelöscht wurden, bleiben gezählt.</translation>
    </message>
    <message>
      <source>Refusals and fallbacks</source>
      <translation>Ablehnungen und Wechsel des Modells</translation>
    </message>
    <message>
      <source>A request that a model refused before any output is not billed, so it costs nothing here; its tokens are shown. An attempt that was refused half-way, before another model gave the answer, is billed at its own model’s price and counted beside the answer, as is the compaction of a long conversation. ccusage counts the first in full and the others not at all. What Anthropic credits for the cache of a retry is not in the logs.</source>
      <translation>Eine Anfrage, die ein Modell vor jeder Ausgabe ablehnt, wird nicht abgerechnet und kostet hier nichts; ihre Tokens werden gezeigt. Ein Versuch, der mittendrin abgelehnt wurde, ehe ein anderes Modell antwortete, wird zum Preis seines eigenen Modells abgerechnet und neben der Antwort gezählt, ebenso die Verdichtung eines langen Gesprächs. ccusage zählt das Erste voll und das andere gar nicht. Was Anthropic für den Cache eines neuen Versuchs gutschreibt, steht nicht in den Protokollen.</translation>
    </message>
    <message>
      <source>Days and blocks</source>
      <translation>Tage und Blöcke</translation>
    </message>
    <message>
      <source>Days begin at midnight where you are. A block is five hours from the full hour of its first answer; where Anthropic’s own window begins is not known.</source>
      <translation>Tage beginnen um Mitternacht, wo du bist. Ein Block dauert fünf Stunden ab der vollen Stunde seiner ersten Antwort; wo Anthropics eigenes Fenster beginnt, ist nicht bekannt.</translation>
    </message>
    <message>
      <source>Web searches</source>
      <translation>Websuchen</translation>
    </message>
    <message>
      <source>They are counted beside the cost and are not in it, as in other programs.</source>
      <translation>Sie werden neben den Kosten gezählt und sind nicht darin enthalten, wie bei anderen Programmen.</translation>
    </message>
  </context>
  <context>
    <name>WindowFrame</name>
    <message>
      <source>Look again</source>
      <translation>Erneut nachsehen</translation>
    </message>
    <message>
      <source>Settings…</source>
      <translation>Einstellungen …</translation>
    </message>
    <message>
      <source>Made-up data</source>
      <translation>Erfundene Daten</translation>
    </message>
    <message>
      <source>Refresh</source>
      <translation>Aktualisieren</translation>
    </message>
  </context>
  <context>
    <name>Words</name>
    <message>
      <source>5-hour limit</source>
      <translation>5-Stunden-Grenze</translation>
    </message>
    <message>
      <source>Week’s limit</source>
      <translation>Wochengrenze</translation>
    </message>
    <message>
      <source>5 h {percent}</source>
      <translation>5 h {percent}</translation>
    </message>
    <message>
      <source>week {percent}</source>
      <translation>Woche {percent}</translation>
    </message>
    <message>
      <source>limits {source}</source>
      <translation>Grenzen {source}</translation>
    </message>
    <message>
      <source>5 h: {percent}</source>
      <translation>5 h: {percent}</translation>
    </message>
    <message>
      <source>Week: {percent}</source>
      <translation>Woche: {percent}</translation>
    </message>
    <message>
      <source>5-hour limit {percent}</source>
      <translation>5-Stunden-Grenze {percent}</translation>
    </message>
    <message>
      <source>{percent} %</source>
      <translation>{percent} %</translation>
    </message>
    <message>
      <source>from Claude Code, {age}</source>
      <translation>von Claude Code, {age}</translation>
    </message>
    <message>
      <source>from Claude Code’s last /usage, {age}</source>
      <translation>aus Claude Codes letztem /usage, {age}</translation>
    </message>
    <message>
      <source>Week</source>
      <translation>Woche</translation>
    </message>
    <message>
      <source>Week {percent}</source>
      <translation>Woche {percent}</translation>
    </message>
    <message>
      <source>lasts to reset</source>
      <translation>reicht bis zum Neubeginn</translation>
    </message>
    <message>
      <source>spent {time} at this rate</source>
      <translation>bei diesem Tempo verbraucht {time}</translation>
    </message>
    <message>
      <source>used up</source>
      <translation>aufgebraucht</translation>
    </message>
    <message>
      <source>used up until {time}</source>
      <translation>aufgebraucht bis {time}</translation>
    </message>
    <message>
      <source>resets {time}</source>
      <translation>beginnt neu {time}</translation>
    </message>
    <message>
      <source>began anew {time}, not heard of since</source>
      <translation>neu begonnen {time}, seither nichts gehört</translation>
    </message>
    <message>
      <source>yesterday {time}</source>
      <translation>gestern {time}</translation>
    </message>
    <message>
      <source>Today</source>
      <translation>Heute</translation>
    </message>
    <message>
      <source>just now</source>
      <translation>gerade eben</translation>
    </message>
    <message>
      <source>{minutes} min ago</source>
      <translation>vor {minutes} min</translation>
    </message>
    <message>
      <source>{hours} h ago</source>
      <translation>vor {hours} h</translation>
    </message>
    <message>
      <source>{days} days ago</source>
      <translation>vor {days} Tagen</translation>
    </message>
    <message>
      <source>Reading logs…</source>
      <translation>Protokolle werden gelesen …</translation>
    </message>
    <message>
      <source>Reading logs… {percent} %</source>
      <translation>Protokolle werden gelesen … {percent} %</translation>
    </message>
    <message>
      <source>Unexpected error: {error}</source>
      <translation>Unerwarteter Fehler: {error}</translation>
    </message>
    <message>
      <source>This is a defect in Spendlight. Its details are in the terminal it was started from.</source>
      <translation>Das ist ein Fehler in Spendlight. Näheres steht im Terminal, aus dem es gestartet wurde.</translation>
    </message>
    <message>
      <source>{count} tokens</source>
      <translation>{count} Tokens</translation>
    </message>
    <message>
      <source>Block budget {percent} % of {budget}</source>
      <translation>Block-Budget: {percent} % von {budget}</translation>
    </message>
    <message>
      <source>Day budget {percent} % of {budget}</source>
      <translation>Tagesbudget: {percent} % von {budget}</translation>
    </message>
    <message>
      <source>Week budget {percent} % of {budget}</source>
      <translation>Wochenbudget: {percent} % von {budget}</translation>
    </message>
    <message>
      <source>Month budget {percent} % of {budget}</source>
      <translation>Monatsbudget: {percent} % von {budget}</translation>
    </message>
    <message>
      <source>spent</source>
      <translation>verbraucht</translation>
    </message>
    <message>
      <source>spent at {time} at this rate</source>
      <translation>bei diesem Tempo verbraucht um {time}</translation>
    </message>
    <message>
      <source>lasts</source>
      <translation>reicht</translation>
    </message>
    <message>
      <source>No Claude Code found</source>
      <translation>Kein Claude Code gefunden</translation>
    </message>
    <message>
      <source>No usage yet</source>
      <translation>Noch keine Nutzung</translation>
    </message>
    <message>
      <source>No active block</source>
      <translation>Kein aktiver Block</translation>
    </message>
    <message>
      <source>Block {cost}</source>
      <translation>Block {cost}</translation>
    </message>
    <message>
      <source>ends {time}</source>
      <translation>endet {time}</translation>
    </message>
    <message>
      <source>{time} left</source>
      <translation>noch {time}</translation>
    </message>
    <message>
      <source>{percent} % of the block</source>
      <translation>{percent} % des Blocks</translation>
    </message>
    <message>
      <source>Temporary ledger: {reason}</source>
      <translation>Vorläufiges Buch: {reason}</translation>
    </message>
    <message>
      <source>Not updated since {time}, {age}</source>
      <translation>Nicht aktuell seit {time}, {age}</translation>
    </message>
    <message>
      <source>Not all logs are read</source>
      <translation>Nicht alle Protokolle sind gelesen</translation>
    </message>
    <message>
      <source>Usage limit until {time}</source>
      <translation>Nutzungsgrenze bis {time}</translation>
    </message>
    <message>
      <source>List price · last answer {time}</source>
      <translation>Listenpreis · letzte Antwort {time}</translation>
    </message>
    <message>
      <source>Version {version} is available</source>
      <translation>Version {version} ist verfügbar</translation>
    </message>
    <message>
      <source>Spendlight {version} is available</source>
      <translation>Spendlight {version} ist verfügbar</translation>
    </message>
    <message>
      <source>You have version {version}.</source>
      <translation>Du hast Version {version}.</translation>
    </message>
    <message>
      <source>Release notes</source>
      <translation>Versionshinweise</translation>
    </message>
    <message>
      <source>The figures are of {time}, {age}.</source>
      <translation>Die Zahlen sind von {time}, {age}.</translation>
    </message>
    <message>
      <source>Reading the logs was stopped, so these figures are too low</source>
      <translation>Das Lesen der Protokolle wurde abgebrochen; diese Zahlen sind zu niedrig</translation>
    </message>
    <message>
      <source>Refresh reads the rest.</source>
      <translation>Aktualisieren liest den Rest.</translation>
    </message>
    <message>
      <source>The usage limit is reached until {time}</source>
      <translation>Die Nutzungsgrenze ist erreicht bis {time}</translation>
    </message>
    <message>
      <source>Reading Claude Code’s logs</source>
      <translation>Die Protokolle von Claude Code werden gelesen</translation>
    </message>
    <message>
      <source>The first time takes a moment; after that only what is new is read.</source>
      <translation>Beim ersten Mal dauert es etwas; danach wird nur Neues gelesen.</translation>
    </message>
    <message>
      <source>Its data folder is ~/.claude or ~/.config/claude, or where CLAUDE_CONFIG_DIR says. If yours is elsewhere, add it in the settings, under Data sources. “spendlight --demo” shows what it looks like with data.</source>
      <translation>Sein Datenordner ist ~/.claude oder ~/.config/claude oder der, den CLAUDE_CONFIG_DIR nennt. Liegt er woanders, füge ihn in den Einstellungen unter Datenquellen hinzu. „spendlight --demo“ zeigt, wie es mit Daten aussieht.</translation>
    </message>
    <message>
      <source>Claude Code is here, but its logs hold no answers. They appear here within a second of the first one.</source>
      <translation>Claude Code ist da, aber seine Protokolle enthalten noch keine Antworten. Sie erscheinen hier binnen einer Sekunde nach der ersten.</translation>
    </message>
    <message>
      <source>{done} of {total} files</source>
      <translation>{done} von {total} Dateien</translation>
    </message>
    <message>
      <source>List price, not a bill</source>
      <translation>Listenpreis, keine Rechnung</translation>
    </message>
    <message>
      <source>last answer {time}</source>
      <translation>letzte Antwort {time}</translation>
    </message>
    <message>
      <source>1 line not readable</source>
      <translation>1 Zeile nicht lesbar</translation>
    </message>
    <message>
      <source>{count} lines not readable</source>
      <translation>{count} Zeilen nicht lesbar</translation>
    </message>
    <message>
      <source>LiteLLM list</source>
      <translation>LiteLLM-Liste</translation>
    </message>
    <message>
      <source>{name} of {day}</source>
      <translation>{name} vom {day}</translation>
    </message>
    <message>
      <source>shipped</source>
      <translation>mitgeliefert</translation>
    </message>
    <message>
      <source>fetched</source>
      <translation>abgerufen</translation>
    </message>
    <message>
      <source>{list} over {other}</source>
      <translation>{list}, sonst {other}</translation>
    </message>
    <message>
      <source>{count} of your own</source>
      <translation>{count} eigene</translation>
    </message>
    <message>
      <source>Ignored in your own prices: {name}: {reason}</source>
      <translation>Von deinen eigenen Preisen nicht verwendet: {name}: {reason}</translation>
    </message>
    <message>
      <source>There is no tray for the icon</source>
      <translation>Es gibt keinen Platz für das Symbol</translation>
    </message>
    <message>
      <source>Until then, closing this window quits Spendlight.</source>
      <translation>Bis dahin beendet das Schließen dieses Fensters Spendlight.</translation>
    </message>
    <message>
      <source>GNOME shows them only with the extension {name}.</source>
      <translation>GNOME zeigt Symbole nur mit der Erweiterung {name}.</translation>
    </message>
    <message>
      <source>It appears as soon as a panel takes tray icons.</source>
      <translation>Es erscheint, sobald eine Leiste Symbole aufnimmt.</translation>
    </message>
    <message>
      <source>This block</source>
      <translation>Dieser Block</translation>
    </message>
    <message>
      <source>no answers</source>
      <translation>keine Antworten</translation>
    </message>
    <message>
      <source>ends {time} · {left} left</source>
      <translation>endet {time} · noch {left}</translation>
    </message>
    <message>
      <source>no active block</source>
      <translation>kein aktiver Block</translation>
    </message>
    <message>
      <source>one answer so far</source>
      <translation>bisher eine Antwort</translation>
    </message>
    <message>
      <source>Burn rate</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>{cost} by {time} at this rate</source>
      <translation>{cost} bis {time} bei diesem Tempo</translation>
    </message>
  </context>
  <context>
    <name>_MoreButton</name>
    <message>
      <source>More</source>
      <translation>Mehr</translation>
    </message>
  </context>
  <context>
    <name>alerts</name>
    <message>
      <source>{alert} at {time}</source>
      <translation>{alert} um {time}</translation>
    </message>
    <message>
      <source>While alerts were muted</source>
      <translation>Während Meldungen stumm waren</translation>
    </message>
    <message>
      <source>And 1 more alert</source>
      <translation>Und 1 weitere Meldung</translation>
    </message>
    <message>
      <source>And {count} more alerts</source>
      <translation>Und {count} weitere Meldungen</translation>
    </message>
    <message>
      <source>Burn rate</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>{limit} for {project}</source>
      <translation>{limit} für {project}</translation>
    </message>
    <message>
      <source>{limit} with {model}</source>
      <translation>{limit} mit {model}</translation>
    </message>
    <message>
      <source>{limit} will not last</source>
      <translation>{limit} reicht nicht</translation>
    </message>
    <message>
      <source>{limit} above {amount}/h</source>
      <translation>{limit} über {amount}/h</translation>
    </message>
    <message>
      <source>{limit} used up</source>
      <translation>{limit} aufgebraucht</translation>
    </message>
    <message>
      <source>{limit}: {percent} % used</source>
      <translation>{limit}: {percent} % verbraucht</translation>
    </message>
    <message>
      <source>It ended at {time}; {percent} % of what it allows was used.</source>
      <translation>Zu Ende seit {time}; {percent} % davon wurden verbraucht.</translation>
    </message>
    <message>
      <source>Claude Code says so</source>
      <translation>Laut Claude Code</translation>
    </message>
    <message>
      <source>{used} · begins anew {time}</source>
      <translation>{used} · beginnt neu um {time}</translation>
    </message>
    <message>
      <source>{used}/h in this block</source>
      <translation>{used}/h in diesem Block</translation>
    </message>
    <message>
      <source>{used} of {amount} tokens</source>
      <translation>{used} von {amount} Tokens</translation>
    </message>
    <message>
      <source>{used} of {amount}</source>
      <translation>{used} von {amount}</translation>
    </message>
    <message>
      <source>{used} · ends {time}</source>
      <translation>{used} · endet {time}</translation>
    </message>
    <message>
      <source>At this rate the budget is spent at {time}, {left} before the block ends.</source>
      <translation>Bei diesem Tempo ist das Budget um {time} verbraucht, {left} vor dem Ende des Blocks.</translation>
    </message>
    <message>
      <source>At this rate the budget is spent at {time}, {left} before the day ends.</source>
      <translation>Bei diesem Tempo ist das Budget um {time} verbraucht, {left} vor dem Ende des Tages.</translation>
    </message>
    <message>
      <source>At this rate the budget is spent at {time}, {left} before the week ends.</source>
      <translation>Bei diesem Tempo ist das Budget um {time} verbraucht, {left} vor dem Ende der Woche.</translation>
    </message>
    <message>
      <source>At this rate the budget is spent at {time}, {left} before the month ends.</source>
      <translation>Bei diesem Tempo ist das Budget um {time} verbraucht, {left} vor dem Ende des Monats.</translation>
    </message>
    <message>
      <source>Block budget</source>
      <translation>Block-Budget</translation>
    </message>
    <message>
      <source>Daily budget</source>
      <translation>Tagesbudget</translation>
    </message>
    <message>
      <source>Weekly budget</source>
      <translation>Wochenbudget</translation>
    </message>
    <message>
      <source>Monthly budget</source>
      <translation>Monatsbudget</translation>
    </message>
    <message>
      <source>Block tokens</source>
      <translation>Block-Tokens</translation>
    </message>
    <message>
      <source>Daily tokens</source>
      <translation>Tages-Tokens</translation>
    </message>
    <message>
      <source>Weekly tokens</source>
      <translation>Wochen-Tokens</translation>
    </message>
    <message>
      <source>Monthly tokens</source>
      <translation>Monats-Tokens</translation>
    </message>
    <message>
      <source>Weekly limit of the plan</source>
      <translation>Wochengrenze des Tarifs</translation>
    </message>
    <message>
      <source>5-hour limit of the plan</source>
      <translation>5-Stunden-Grenze des Tarifs</translation>
    </message>
    <message>
      <source>The block is over</source>
      <translation>Der Block ist zu Ende</translation>
    </message>
    <message>
      <source>The day is over</source>
      <translation>Der Tag ist zu Ende</translation>
    </message>
    <message>
      <source>The week is over</source>
      <translation>Die Woche ist zu Ende</translation>
    </message>
    <message>
      <source>The month is over</source>
      <translation>Der Monat ist zu Ende</translation>
    </message>
    <message>
      <source>{minutes} min</source>
      <translation>{minutes} min</translation>
    </message>
    <message>
      <source>{days} days</source>
      <translation>{days} Tage</translation>
    </message>
    <message>
      <source>{hours} h</source>
      <translation>{hours} h</translation>
    </message>
    <message>
      <source>{hours} h {minutes} min</source>
      <translation>{hours} h {minutes} min</translation>
    </message>
    <message>
      <source>Amounts are hidden.</source>
      <translation>Beträge sind verborgen.</translation>
    </message>
  </context>
  <context>
    <name>diagnostics</name>
    <message>
      <source>Last errors</source>
      <translation>Letzte Fehler</translation>
    </message>
    <message>
      <source>Running for</source>
      <translation>Läuft seit</translation>
    </message>
    <message>
      <source>Memory, at most</source>
      <translation>Speicher, höchstens</translation>
    </message>
    <message>
      <source>Memory</source>
      <translation>Speicher</translation>
    </message>
    <message>
      <source>{seconds} s, {percent} % of one processor</source>
      <translation>{seconds} s, {percent} % eines Prozessors</translation>
    </message>
    <message>
      <source>Processor</source>
      <translation>Prozessor</translation>
    </message>
    <message>
      <source>{percent} %</source>
      <translation>{percent} %</translation>
    </message>
    <message>
      <source>Processor now</source>
      <translation>Prozessor jetzt</translation>
    </message>
    <message>
      <source>{count} a second</source>
      <translation>{count} pro Sekunde</translation>
    </message>
    <message>
      <source>Wake-ups now</source>
      <translation>Aufwachen jetzt</translation>
    </message>
    <message>
      <source>Written to disk</source>
      <translation>Auf die Platte geschrieben</translation>
    </message>
    <message>
      <source>Ledger</source>
      <translation>Buch</translation>
    </message>
    <message>
      <source>Size of it</source>
      <translation>Seine Größe</translation>
    </message>
    <message>
      <source>Answers in it</source>
      <translation>Antworten darin</translation>
    </message>
    <message>
      <source>Logs watched</source>
      <translation>Beobachtete Protokolle</translation>
    </message>
    <message>
      <source>none since the start</source>
      <translation>keine seit dem Start</translation>
    </message>
    <message>
      <source>{name}: {value}</source>
      <translation>{name}: {value}</translation>
    </message>
    <message>
      <source>{size} MB</source>
      <translation>{size} MB</translation>
    </message>
    <message>
      <source>{minutes} min</source>
      <translation>{minutes} min</translation>
    </message>
    <message>
      <source>{hours} h {minutes} min</source>
      <translation>{hours} h {minutes} min</translation>
    </message>
  </context>
  <context>
    <name>notifications</name>
    <message>
      <source>The tray shows notifications.</source>
      <translation>Das Symbol zeigt Meldungen.</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>Spendlight can reach you</source>
      <translation>Spendlight kann dich erreichen</translation>
    </message>
    <message>
      <source>Alerts about your budgets look like this.</source>
      <translation>So sehen Meldungen zu deinen Budgets aus.</translation>
    </message>
    <message>
      <source>No notification service runs; the tray shows them.</source>
      <translation>Es läuft kein Benachrichtigungsdienst; das Symbol zeigt sie.</translation>
    </message>
    <message>
      <source>Mute for 1 hour</source>
      <translation>1 Stunde stumm</translation>
    </message>
    <message>
      <source>Notifications go through {service}.</source>
      <translation>Meldungen gehen über {service}.</translation>
    </message>
  </context>
  <context>
    <name>settings</name>
    <message>
      <source>It was turned off in the system’s own settings.</source>
      <translation>Es wurde in den Einstellungen des Systems ausgeschaltet.</translation>
    </message>
    <message>
      <source>What is changed in the settings of Claude Code</source>
      <translation>Was in den Einstellungen von Claude Code geändert wird</translation>
    </message>
    <message>
      <source>Change the &amp;settings</source>
      <translation>&amp;Einstellungen ändern</translation>
    </message>
    <message>
      <source>&amp;Undo the last change</source>
      <translation>&amp;Letzte Änderung zurücknehmen</translation>
    </message>
    <message>
      <source>This is how it is already.</source>
      <translation>So ist es schon.</translation>
    </message>
    <message>
      <source>A copy of {path} is kept beside it.</source>
      <translation>Eine Kopie von {path} bleibt daneben liegen.</translation>
    </message>
    <message>
      <source>New rule</source>
      <translation>Neue Regel</translation>
    </message>
    <message>
      <source>Change rule</source>
      <translation>Regel ändern</translation>
    </message>
    <message>
      <source>Tell me about</source>
      <translation>Melden</translation>
    </message>
    <message>
      <source>Period</source>
      <translation>Zeitraum</translation>
    </message>
    <message>
      <source>Amount</source>
      <translation>Betrag</translation>
    </message>
    <message>
      <source>All</source>
      <translation>Alle</translation>
    </message>
    <message>
      <source>Project</source>
      <translation>Projekt</translation>
    </message>
    <message>
      <source>Model</source>
      <translation>Modell</translation>
    </message>
    <message>
      <source>Shares to tell at, in percent</source>
      <translation>Anteile, bei denen gemeldet wird, in Prozent</translation>
    </message>
    <message>
      <source>&amp;Tell me about</source>
      <translation>&amp;Melden</translation>
    </message>
    <message>
      <source>&amp;Period</source>
      <translation>&amp;Zeitraum</translation>
    </message>
    <message>
      <source>A&amp;mount</source>
      <translation>&amp;Betrag</translation>
    </message>
    <message>
      <source>P&amp;roject</source>
      <translation>&amp;Projekt</translation>
    </message>
    <message>
      <source>Mo&amp;del</source>
      <translation>Mo&amp;dell</translation>
    </message>
    <message>
      <source>&amp;At, in percent</source>
      <translation>B&amp;ei, in Prozent</translation>
    </message>
    <message>
      <source>Enter an amount above 0.</source>
      <translation>Gib einen Betrag über 0 ein.</translation>
    </message>
    <message>
      <source>Enter percentages up to 1000, with commas between them: 80, 100.</source>
      <translation>Gib Prozentzahlen bis 1000 ein, mit Kommas dazwischen: 80, 100.</translation>
    </message>
    <message>
      <source> an hour</source>
      <translation> pro Stunde</translation>
    </message>
    <message>
      <source>The rate is that of the active block; the period says how often to tell.</source>
      <translation>Gemeint ist das Tempo des laufenden Blocks; der Zeitraum sagt, wie oft gemeldet wird.</translation>
    </message>
    <message>
      <source>Tells when the amount would be spent well before the period ends.</source>
      <translation>Meldet, wenn der Betrag deutlich vor dem Ende des Zeitraums verbraucht wäre.</translation>
    </message>
    <message>
      <source>Tells when a period ends in which 90 % of one of its limits was used.</source>
      <translation>Meldet das Ende eines Zeitraums, in dem 90 % einer seiner Grenzen verbraucht wurden.</translation>
    </message>
    <message>
      <source>Claude Code says how much is used; “Data sources” lets it do so.</source>
      <translation>Wie viel verbraucht ist, sagt Claude Code; einrichten lässt sich das unter „Datenquellen“.</translation>
    </message>
    <message>
      <source>Rules for a project or a model, for tokens, the burn rate or a forecast.</source>
      <translation>Regeln für ein Projekt oder ein Modell, für Tokens, das Tempo oder eine Vorhersage.</translation>
    </message>
    <message>
      <source>More rules</source>
      <translation>Weitere Regeln</translation>
    </message>
    <message>
      <source>Rule</source>
      <translation>Regel</translation>
    </message>
    <message>
      <source>For</source>
      <translation>Für</translation>
    </message>
    <message>
      <source>Told at, %</source>
      <translation>Meldet bei, %</translation>
    </message>
    <message>
      <source>Add &amp;rule…</source>
      <translation>Regel hinzu&amp;fügen…</translation>
    </message>
    <message>
      <source>C&amp;hange…</source>
      <translation>Ä&amp;ndern…</translation>
    </message>
    <message>
      <source>Remo&amp;ve</source>
      <translation>&amp;Löschen</translation>
    </message>
    <message>
      <source>Plan’s limit for the week</source>
      <translation>Wochengrenze des Tarifs</translation>
    </message>
    <message>
      <source>Plan’s 5-hour limit</source>
      <translation>5-Stunden-Grenze des Tarifs</translation>
    </message>
    <message>
      <source>Cost, {period}</source>
      <translation>Kosten {period}</translation>
    </message>
    <message>
      <source>Tokens, {period}</source>
      <translation>Tokens {period}</translation>
    </message>
    <message>
      <source>Burn rate, once {period}</source>
      <translation>Tempo, einmal {period}</translation>
    </message>
    <message>
      <source>Forecast, {period}</source>
      <translation>Vorhersage {period}</translation>
    </message>
    <message>
      <source>End, {period}</source>
      <translation>Ende {period}</translation>
    </message>
    <message>
      <source>Cost</source>
      <translation>Kosten</translation>
    </message>
    <message>
      <source>Tokens</source>
      <translation>Tokens</translation>
    </message>
    <message>
      <source>Burn rate</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>Forecast: a budget will not last</source>
      <translation>Vorhersage: ein Budget reicht nicht</translation>
    </message>
    <message>
      <source>End of a period that was nearly used up</source>
      <translation>Ende eines fast verbrauchten Zeitraums</translation>
    </message>
    <message>
      <source>Limit of the plan, as Claude Code says</source>
      <translation>Grenze des Tarifs laut Claude Code</translation>
    </message>
    <message>
      <source>for five hours</source>
      <translation>für fünf Stunden</translation>
    </message>
    <message>
      <source>for the week</source>
      <translation>für die Woche</translation>
    </message>
    <message>
      <source>per block</source>
      <translation>je Block</translation>
    </message>
    <message>
      <source>per day</source>
      <translation>je Tag</translation>
    </message>
    <message>
      <source>per week</source>
      <translation>je Woche</translation>
    </message>
    <message>
      <source>per month</source>
      <translation>je Monat</translation>
    </message>
    <message>
      <source>Everything</source>
      <translation>Alles</translation>
    </message>
    <message>
      <source>{percent} %</source>
      <translation>{percent} %</translation>
    </message>
    <message>
      <source>{count} tokens</source>
      <translation>{count} Tokens</translation>
    </message>
    <message>
      <source>{dollars}/h</source>
      <translation>{dollars}/h</translation>
    </message>
    <message>
      <source>Settings</source>
      <translation>Einstellungen</translation>
    </message>
    <message>
      <source>Pages</source>
      <translation>Seiten</translation>
    </message>
    <message>
      <source>Hear of the plan’s limits</source>
      <translation>Von den Grenzen des Tarifs erfahren</translation>
    </message>
    <message>
      <source>Done. It holds from Claude Code’s next answer on.</source>
      <translation>Fertig. Es gilt ab der nächsten Antwort von Claude Code.</translation>
    </message>
    <message>
      <source>Done. The status line is as it was before.</source>
      <translation>Fertig. Die Statuszeile ist wieder wie vorher.</translation>
    </message>
    <message>
      <source>Data folder</source>
      <translation>Datenordner</translation>
    </message>
    <message>
      <source>&amp;Go on showing the status line there is, and only listen</source>
      <translation>Die vorhandene Statuszeile &amp;weiter zeigen und nur mithören</translation>
    </message>
    <message>
      <source>Claude Code tells how much of your plan is used to its status line, the line below its prompt. With Spendlight as that line it knows, too.</source>
      <translation>Wie viel vom Tarif verbraucht ist, sagt Claude Code seiner Statuszeile, der Zeile unter der Eingabe. Ist Spendlight diese Zeile, erfährt es das auch.</translation>
    </message>
    <message>
      <source>Budgets and alerts</source>
      <translation>Budgets und Meldungen</translation>
    </message>
    <message>
      <source>You are told at 80 % of a budget, and when it is spent. Money is the list price of the tokens, not a bill.</source>
      <translation>Gemeldet wird bei 80 % eines Budgets und wenn es verbraucht ist. Das Geld ist der Listenpreis der Tokens, keine Rechnung.</translation>
    </message>
    <message>
      <source>Tell me when a block’s budget will not &amp;last</source>
      <translation>Melden, wenn das Budget eines Blocks nicht reic&amp;ht</translation>
    </message>
    <message>
      <source>Tell me when a block &amp;ends that was nearly used up</source>
      <translation>Melden, wenn ein fast verbrauchter Block &amp;endet</translation>
    </message>
    <message>
      <source>Tell me at 80 % and 100 % of the plan’s &amp;5-hour limit</source>
      <translation>Bei 80 % und 100 % der &amp;5-Stunden-Grenze des Tarifs melden</translation>
    </message>
    <message>
      <source>Tell me at 80 % and 100 % of the plan’s limit for the wee&amp;k</source>
      <translation>Bei 80 % und 100 % der W&amp;ochengrenze des Tarifs melden</translation>
    </message>
    <message>
      <source>Notifications</source>
      <translation>Benachrichtigungen</translation>
    </message>
    <message>
      <source>&amp;Show alerts as notifications</source>
      <translation>Meldungen als Benachrichtigung &amp;zeigen</translation>
    </message>
    <message>
      <source>M&amp;ute</source>
      <translation>&amp;Stumm schalten</translation>
    </message>
    <message>
      <source>Send &amp;test notification</source>
      <translation>&amp;Probe senden</translation>
    </message>
    <message>
      <source>Alerts are muted until {time}.</source>
      <translation>Meldungen sind stumm bis {time}.</translation>
    </message>
    <message>
      <source>The quiet hours end when they begin. Choose another time for one.</source>
      <translation>Die Ruhezeit endet, wenn sie beginnt. Wähle für eines eine andere Zeit.</translation>
    </message>
    <message>
      <source>Five-hour &amp;block</source>
      <translation>Fünf-Stunden-&amp;Block</translation>
    </message>
    <message>
      <source>&amp;Day</source>
      <translation>&amp;Tag</translation>
    </message>
    <message>
      <source>&amp;Week</source>
      <translation>&amp;Woche</translation>
    </message>
    <message>
      <source>&amp;Month</source>
      <translation>&amp;Monat</translation>
    </message>
    <message>
      <source>No budget</source>
      <translation>Kein Budget</translation>
    </message>
    <message>
      <source>&amp;Quiet hours</source>
      <translation>&amp;Ruhezeit</translation>
    </message>
    <message>
      <source>&amp;from</source>
      <translation>&amp;von</translation>
    </message>
    <message>
      <source>u&amp;ntil</source>
      <translation>b&amp;is</translation>
    </message>
    <message>
      <source>Quiet from</source>
      <translation>Ruhe von</translation>
    </message>
    <message>
      <source>Quiet until</source>
      <translation>Ruhe bis</translation>
    </message>
    <message>
      <source>&amp;Critical alerts are shown in quiet hours too</source>
      <translation>&amp;Kritisches auch in der Ruhezeit melden</translation>
    </message>
    <message>
      <source>For an &amp;hour</source>
      <translation>Für eine &amp;Stunde</translation>
    </message>
    <message>
      <source>Until &amp;tomorrow</source>
      <translation>Bis &amp;morgen</translation>
    </message>
    <message>
      <source>Until the &amp;block ends</source>
      <translation>Bis der &amp;Block endet</translation>
    </message>
    <message>
      <source>&amp;No longer</source>
      <translation>&amp;Nicht mehr</translation>
    </message>
    <message>
      <source>That needs a budget for the block.</source>
      <translation>Dafür braucht es ein Budget für den Block.</translation>
    </message>
    <message>
      <source>Diagnostics</source>
      <translation>Diagnose</translation>
    </message>
    <message>
      <source>What Spendlight costs your computer, and what went wrong.</source>
      <translation>Was Spendlight den Rechner kostet und was misslungen ist.</translation>
    </message>
    <message>
      <source>Cop&amp;y</source>
      <translation>&amp;Kopieren</translation>
    </message>
    <message>
      <source>General</source>
      <translation>Allgemein</translation>
    </message>
    <message>
      <source>Start when I &amp;log in</source>
      <translation>Beim A&amp;nmelden starten</translation>
    </message>
    <message>
      <source>Appearance</source>
      <translation>Aussehen</translation>
    </message>
    <message>
      <source>As the system</source>
      <translation>Wie das System</translation>
    </message>
    <message>
      <source>Light</source>
      <translation>Hell</translation>
    </message>
    <message>
      <source>Dark</source>
      <translation>Dunkel</translation>
    </message>
    <message>
      <source>App&amp;earance</source>
      <translation>&amp;Aussehen</translation>
    </message>
    <message>
      <source>First day of the week</source>
      <translation>Erster Tag der Woche</translation>
    </message>
    <message>
      <source>&amp;First day of the week</source>
      <translation>&amp;Erster Tag der Woche</translation>
    </message>
    <message>
      <source>Time &amp;zone</source>
      <translation>&amp;Zeitzone</translation>
    </message>
    <message>
      <source>Days begin there at midnight. Empty means where the computer is.</source>
      <translation>Dort beginnen die Tage um Mitternacht. Leer heißt: wo der Rechner ist.</translation>
    </message>
    <message>
      <source>Updates</source>
      <translation>Updates</translation>
    </message>
    <message>
      <source>Check for &amp;updates</source>
      <translation>Nach &amp;Updates suchen</translation>
    </message>
    <message>
      <source>No time zone is called “{name}”. Choose one, or leave it empty.</source>
      <translation>Keine Zeitzone heißt „{name}“. Wähle eine oder lass das Feld leer.</translation>
    </message>
    <message>
      <source>“Never go online” is chosen under Prices.</source>
      <translation>Unter Preise ist „Nie online gehen“ gewählt.</translation>
    </message>
    <message>
      <source>At most once a day Spendlight asks api.github.com for its latest release. The request carries nothing about you. You are told of each version once; nothing is installed.</source>
      <translation>Höchstens einmal am Tag fragt Spendlight api.github.com nach seiner neuesten Version. Die Anfrage sagt nichts über dich. Du erfährst von jeder Version einmal; installiert wird nichts.</translation>
    </message>
    <message>
      <source>Off by default, because your system’s packages bring updates.</source>
      <translation>Standardmäßig aus, denn Updates kommen mit den Paketen deines Systems.</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Zeitzone</translation>
    </message>
    <message>
      <source>The computer’s own</source>
      <translation>Die des Rechners</translation>
    </message>
    <message>
      <source>Prices</source>
      <translation>Preise</translation>
    </message>
    <message>
      <source>Look for &amp;newer prices</source>
      <translation>Nach &amp;neueren Preisen sehen</translation>
    </message>
    <message>
      <source>Never go &amp;online</source>
      <translation>Nie &amp;online gehen</translation>
    </message>
    <message>
      <source>Otherwise LiteLLM’s list is fetched once a day at most. Without it the list that came with Spendlight is used, and there is no check for updates.</source>
      <translation>Sonst wird die Liste von LiteLLM höchstens einmal am Tag geholt. Ohne sie gilt die Liste, die mit Spendlight kam, und nach Updates wird nicht gesucht.</translation>
    </message>
    <message>
      <source>Price list of your own</source>
      <translation>Eigene Preisliste</translation>
    </message>
    <message>
      <source>Fi&amp;le</source>
      <translation>&amp;Datei</translation>
    </message>
    <message>
      <source>None</source>
      <translation>Keine</translation>
    </message>
    <message>
      <source>Choo&amp;se…</source>
      <translation>&amp;Wählen…</translation>
    </message>
    <message>
      <source>A JSON file in the form of LiteLLM’s list. Its prices win; all other models keep theirs.</source>
      <translation>Eine JSON-Datei in der Form der Liste von LiteLLM. Ihre Preise gehen vor; alle anderen Modelle behalten ihre.</translation>
    </message>
    <message>
      <source>Cost of an answer</source>
      <translation>Kosten einer Antwort</translation>
    </message>
    <message>
      <source>As recorded, else by the price list</source>
      <translation>Wie verzeichnet, sonst nach der Preisliste</translation>
    </message>
    <message>
      <source>Always by the price list</source>
      <translation>Immer nach der Preisliste</translation>
    </message>
    <message>
      <source>Only as Claude Code recorded it</source>
      <translation>Nur wie von Claude Code verzeichnet</translation>
    </message>
    <message>
      <source>Price list in LiteLLM’s form</source>
      <translation>Preisliste in der Form von LiteLLM</translation>
    </message>
    <message>
      <source>Privacy</source>
      <translation>Privatsphäre</translation>
    </message>
    <message>
      <source>&amp;Hide amounts</source>
      <translation>Beträge &amp;verbergen</translation>
    </message>
    <message>
      <source>In the tray, the window and notifications, for when others see your screen.</source>
      <translation>Im Symbol, im Fenster und in Benachrichtigungen, wenn andere auf den Bildschirm sehen.</translation>
    </message>
    <message>
      <source>What is kept</source>
      <translation>Was behalten wird</translation>
    </message>
    <message>
      <source>Spendlight reads Claude Code’s logs and keeps numbers of them, on this computer and for you alone: when, which project, session and model, how many tokens. It never keeps what was said.</source>
      <translation>Spendlight liest die Protokolle von Claude Code und behält Zahlen daraus, auf diesem Rechner und nur für dich: wann, welches Projekt, welche Sitzung, welches Modell, wie viele Tokens. Was gesagt wurde, behält es nie.</translation>
    </message>
    <message>
      <source>What goes online</source>
      <translation>Was ins Netz geht</translation>
    </message>
    <message>
      <source>Two things only, each once a day at most: the request for the price list, to raw.githubusercontent.com, and the one for the latest release, to api.github.com. They carry nothing about you. “Never go online” under Prices switches both off, “Check for updates” under General the second one. There are no statistics and no account.</source>
      <translation>Nur zweierlei, jedes höchstens einmal am Tag: die Anfrage nach der Preisliste an raw.githubusercontent.com und die nach der neuesten Version an api.github.com. Sie sagen nichts über dich. „Nie online gehen“ unter Preise schaltet beide ab, „Nach Updates suchen“ unter Allgemein die zweite. Es gibt keine Statistik und kein Konto.</translation>
    </message>
    <message>
      <source>Data sources</source>
      <translation>Datenquellen</translation>
    </message>
    <message>
      <source>Claude Code’s data folders that are read:</source>
      <translation>Gelesene Datenordner von Claude Code:</translation>
    </message>
    <message>
      <source>Read the logs of &amp;virtual machines too</source>
      <translation>Auch Protokolle &amp;virtueller Rechner lesen</translation>
    </message>
    <message>
      <source>More folders</source>
      <translation>Weitere Ordner</translation>
    </message>
    <message>
      <source>More data folders, one in each line</source>
      <translation>Weitere Datenordner, einer je Zeile</translation>
    </message>
    <message>
      <source>A&amp;dd folder…</source>
      <translation>&amp;Ordner hinzufügen…</translation>
    </message>
    <message>
      <source>Limits of the plan</source>
      <translation>Grenzen des Tarifs</translation>
    </message>
    <message>
      <source>Set &amp;up…</source>
      <translation>Einri&amp;chten…</translation>
    </message>
    <message>
      <source>Ledger</source>
      <translation>Buch</translation>
    </message>
    <message>
      <source>Open &amp;folder</source>
      <translation>Ordner ö&amp;ffnen</translation>
    </message>
    <message>
      <source>Files and folders that could not be read: {count}</source>
      <translation>Dateien und Ordner, die nicht zu lesen waren: {count}</translation>
    </message>
    <message>
      <source>CLAUDE_CONFIG_DIR lists the folders, so that these are not read.</source>
      <translation>CLAUDE_CONFIG_DIR nennt die Ordner, darum werden diese nicht gelesen.</translation>
    </message>
    <message>
      <source>One in each line; each holds a folder “projects”.</source>
      <translation>Einer je Zeile; in jedem steht ein Ordner „projects“.</translation>
    </message>
    <message>
      <source>A data folder of Claude Code’s</source>
      <translation>Ein Datenordner von Claude Code</translation>
    </message>
    <message>
      <source>Looking…</source>
      <translation>Wird nachgesehen…</translation>
    </message>
    <message>
      <source>5-hour limit {percent} %</source>
      <translation>5-Stunden-Grenze {percent} %</translation>
    </message>
    <message>
      <source>week {percent} %</source>
      <translation>Woche {percent} %</translation>
    </message>
    <message>
      <source>{limits}, as Claude Code said {time}.</source>
      <translation>{limits}, laut Claude Code ({time}).</translation>
    </message>
    <message>
      <source>Spendlight is Claude Code’s status line.</source>
      <translation>Spendlight ist die Statuszeile von Claude Code.</translation>
    </message>
    <message>
      <source>Spendlight is Claude Code’s status line; the limits come with the next answer, for Pro and Max plans.</source>
      <translation>Spendlight ist die Statuszeile von Claude Code; die Grenzen kommen mit der nächsten Antwort, bei Pro und Max.</translation>
    </message>
    <message>
      <source>Claude Code tells them to another status line, beside which Spendlight can listen.</source>
      <translation>Claude Code nennt sie einer anderen Statuszeile; Spendlight kann mithören.</translation>
    </message>
    <message>
      <source>Unknown, as there is no Claude Code.</source>
      <translation>Unbekannt, denn Claude Code fehlt.</translation>
    </message>
    <message>
      <source>Claude Code tells them to its status line. Let Spendlight be that line.</source>
      <translation>Claude Code nennt sie seiner Statuszeile. Spendlight kann diese Zeile sein.</translation>
    </message>
    <message>
      <source>1 log</source>
      <translation>1 Protokoll</translation>
    </message>
    <message>
      <source>{count} logs</source>
      <translation>{count} Protokolle</translation>
    </message>
    <message>
      <source>not there</source>
      <translation>nicht da</translation>
    </message>
    <message>
      <source>{count} deleted, still counted</source>
      <translation>{count} gelöscht, weiter gezählt</translation>
    </message>
    <message>
      <source>machine {name}</source>
      <translation>Rechner {name}</translation>
    </message>
    <message>
      <source>{count} answers</source>
      <translation>{count} Antworten</translation>
    </message>
    <message>
      <source>1 answer</source>
      <translation>1 Antwort</translation>
    </message>
    <message>
      <source>{size} MB</source>
      <translation>{size} MB</translation>
    </message>
    <message>
      <source>Tray</source>
      <translation>Symbol</translation>
    </message>
    <message>
      <source>Beside the icon</source>
      <translation>Neben dem Symbol</translation>
    </message>
    <message>
      <source>Now {value}</source>
      <translation>Jetzt {value}</translation>
    </message>
    <message>
      <source>It stands in the panel.</source>
      <translation>Es steht in der Leiste.</translation>
    </message>
    <message>
      <source>This desktop has room for the icon alone, so it stands first in the tooltip and the menu.</source>
      <translation>Hier ist nur für das Symbol Platz; darum steht es am Anfang des Hinweises und des Menüs.</translation>
    </message>
    <message>
      <source>Preview of the tray: {text}</source>
      <translation>Vorschau des Symbols: {text}</translation>
    </message>
    <message>
      <source>Cost of the &amp;block</source>
      <translation>Kosten des &amp;Blocks</translation>
    </message>
    <message>
      <source>Cost of the &amp;day</source>
      <translation>Kosten des &amp;Tages</translation>
    </message>
    <message>
      <source>&amp;Share of the budget or the block</source>
      <translation>&amp;Anteil am Budget oder am Block</translation>
    </message>
    <message>
      <source>The plan’s &amp;5-hour limit</source>
      <translation>&amp;5-Stunden-Grenze des Tarifs</translation>
    </message>
    <message>
      <source>The plan’s &amp;week</source>
      <translation>&amp;Woche des Tarifs</translation>
    </message>
    <message>
      <source>&amp;Time left in the block</source>
      <translation>Verbleibende &amp;Zeit im Block</translation>
    </message>
    <message>
      <source>Dollars an &amp;hour</source>
      <translation>&amp;Dollar pro Stunde</translation>
    </message>
    <message>
      <source>&amp;Nothing, the icon alone</source>
      <translation>&amp;Nichts, nur das Symbol</translation>
    </message>
  </context>
</TS>
