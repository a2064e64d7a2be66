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
      <source>Set a budget in the settings; its alerts are listed here.</source>
      <translation>Lege in den Einstellungen ein Budget fest; die Meldungen dazu stehen dann hier.</translation>
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
      <translation>{percent} % des 5-Stunden-Limits des Tarifs</translation>
    </message>
    <message>
      <source>{percent} % of the plan’s weekly limit</source>
      <translation>{percent} % des Wochenlimits des Tarifs</translation>
    </message>
    <message>
      <source>{used} per hour, more than {amount}</source>
      <translation>{used} pro Stunde, mehr als {amount}</translation>
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
      <source>For a block, a day, a week or a month. The ring shows how much is used.</source>
      <translation>Für einen Block, einen Tag, eine Woche oder einen Monat. Der Ring zeigt, wie viel verbraucht ist.</translation>
    </message>
    <message>
      <source>Set a budget…</source>
      <translation>Budget festlegen …</translation>
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
      <translation>Zoom zurücksetzen</translation>
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
      <source>Try again</source>
      <translation>Erneut versuchen</translation>
    </message>
    <message>
      <source>This could not be computed</source>
      <translation>Das ließ sich nicht berechnen</translation>
    </message>
    <message>
      <source>The message above says why.</source>
      <translation>Der Grund steht oben.</translation>
    </message>
    <message>
      <source>This page needs single answers</source>
      <translation>Diese Seite braucht einzelne Antworten</translation>
    </message>
    <message>
      <source>Of the team’s other machines, only sums are known here: choose History, Sessions, Projects or Models. With “spendlight team join … --keep-entries”, their entries come into this machine’s ledger.</source>
      <translation>Von den anderen Rechnern des Teams sind hier nur Summen bekannt: Wählen Sie Verlauf, Sitzungen, Projekte oder Modelle. Mit „spendlight team join … --keep-entries“ kommen ihre Einträge auch in das Archiv dieses Rechners.</translation>
    </message>
    <message>
      <source>Nothing matches the filter</source>
      <translation>Nichts passt zum Filter</translation>
    </message>
    <message>
      <source>There is no usage in this range for the selection above.</source>
      <translation>In diesem Zeitraum gibt es keine Nutzung für die Auswahl oben.</translation>
    </message>
    <message>
      <source>No usage in this range</source>
      <translation>Keine Nutzung in diesem Zeitraum</translation>
    </message>
    <message>
      <source>There is usage outside it.</source>
      <translation>Außerhalb davon gibt es Nutzung.</translation>
    </message>
  </context>
  <context>
    <name>Charts</name>
    <message>
      <source>Other</source>
      <translation>Sonstige</translation>
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
      <source>No usage in this range.</source>
      <translation>Keine Nutzung in diesem Zeitraum.</translation>
    </message>
    <message>
      <source>No usage in this period.</source>
      <translation>Keine Nutzung in diesem Zeitraum.</translation>
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
      <translation>Sitzungen im Zeitverlauf</translation>
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
      <source>{title}, {first} to {last}: {total} in total.</source>
      <translation>{title}, {first} bis {last}: insgesamt {total}.</translation>
    </message>
    <message>
      <source>Most: {label} with {value}.</source>
      <translation>Am meisten: {label} mit {value}.</translation>
    </message>
    <message>
      <source>At this rate, {value} at the end.</source>
      <translation>Bei diesem Tempo {value} am Ende.</translation>
    </message>
    <message>
      <source>{title}: {count} in total. Most: {label} with {value}.</source>
      <translation>{title}: insgesamt {count}. Am meisten: {label} mit {value}.</translation>
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
      <translation>Protokolle länger aufbewahren</translation>
    </message>
    <message>
      <source>Done. It takes effect when Claude Code starts next.</source>
      <translation>Fertig. Das gilt ab dem nächsten Start von Claude Code.</translation>
    </message>
    <message>
      <source>days</source>
      <translation>Tage</translation>
    </message>
    <message>
      <source>Number of days to keep logs</source>
      <translation>Aufbewahrungsdauer der Protokolle in Tagen</translation>
    </message>
    <message>
      <source>Keep Claude Code’s logs for</source>
      <translation>Protokolle von Claude Code aufbewahren:</translation>
    </message>
  </context>
  <context>
    <name>Column</name>
    <message>
      <source>Agent type</source>
      <translation>Agententyp</translation>
    </message>
    <message>
      <source>Branch</source>
      <translation>Branch</translation>
    </message>
    <message>
      <source>Day</source>
      <translation>Tag</translation>
    </message>
    <message>
      <source>Effort</source>
      <translation>Aufwand</translation>
    </message>
    <message>
      <source>Entry point</source>
      <translation>Gestartet als</translation>
    </message>
    <message>
      <source>Folder</source>
      <translation>Ordner</translation>
    </message>
    <message>
      <source>MCP server</source>
      <translation>MCP-Server</translation>
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
      <source>Plugin</source>
      <translation>Plugin</translation>
    </message>
    <message>
      <source>Repository</source>
      <translation>Repository</translation>
    </message>
    <message>
      <source>Service tier</source>
      <translation>Serviceklasse</translation>
    </message>
    <message>
      <source>Skill</source>
      <translation>Skill</translation>
    </message>
    <message>
      <source>Subagent</source>
      <translation>Subagent</translation>
    </message>
    <message>
      <source>Tools called</source>
      <translation>Werkzeuge</translation>
    </message>
    <message>
      <source>Type</source>
      <translation>Dateityp</translation>
    </message>
    <message>
      <source>Version</source>
      <translation>Version</translation>
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
      <source>Cost kept</source>
      <translation>Kosten bewahrt</translation>
    </message>
    <message>
      <source>What</source>
      <translation>Was</translation>
    </message>
    <message>
      <source>Detail</source>
      <translation>Einzelheiten</translation>
    </message>
    <message>
      <source>When</source>
      <translation>Zeitpunkt</translation>
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
      <source>Status</source>
      <translation>Status</translation>
    </message>
    <message>
      <source>Machine</source>
      <translation>Rechner</translation>
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
      <source>From</source>
      <translation>Von</translation>
    </message>
    <message>
      <source>Answers</source>
      <translation>Antworten</translation>
    </message>
    <message>
      <source>Share of cost</source>
      <translation>Kostenanteil</translation>
    </message>
    <message>
      <source>First activity</source>
      <translation>Erste Aktivität</translation>
    </message>
    <message>
      <source>Sessions</source>
      <translation>Sitzungen</translation>
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
  </context>
  <context>
    <name>Dimension</name>
    <message>
      <source>main thread</source>
      <translation>Hauptsitzung</translation>
    </message>
    <message>
      <source>none</source>
      <translation>ohne</translation>
    </message>
    <message>
      <source>not known</source>
      <translation>nicht bekannt</translation>
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
      <translation>Zeitraum</translation>
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
      <translation>Kennzahl</translation>
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
      <translation>Nutzung im Zeitverlauf</translation>
    </message>
    <message>
      <source>Week of {0}</source>
      <translation>Woche ab {0}</translation>
    </message>
    <message>
      <source>Cost over a year</source>
      <translation>Kosten im Jahr</translation>
    </message>
    <message>
      <source>Tokens over a year</source>
      <translation>Tokens im Jahr</translation>
    </message>
    <message>
      <source>No usage in this range.</source>
      <translation>Keine Nutzung in diesem Zeitraum.</translation>
    </message>
    <message>
      <source>Total</source>
      <translation>Summe</translation>
    </message>
  </context>
  <context>
    <name>InvoiceDialog</name>
    <message>
      <source>Invoice</source>
      <translation>Rechnung</translation>
    </message>
    <message>
      <source>For the selected days and filter. Costs are estimates from list prices, and the invoice says so. The exchange rate is yours; none is fetched.</source>
      <translation>Für die ausgewählten Tage und den Filter. Kosten sind nach Listenpreisen geschätzt, und das steht auf der Rechnung, die auf Englisch ist. Den Wechselkurs geben Sie an; es wird keiner abgerufen.</translation>
    </message>
    <message>
      <source>Rate</source>
      <translation>Faktor</translation>
    </message>
    <message>
      <source>Multiplies the cost: 1.2 adds 20 %</source>
      <translation>Multipliziert die Kosten: 1,2 schlägt 20 % auf</translation>
    </message>
    <message>
      <source>Currency</source>
      <translation>Währung</translation>
    </message>
    <message>
      <source>One dollar is</source>
      <translation>Ein Dollar ist</translation>
    </message>
    <message>
      <source>Save as…</source>
      <translation>Speichern unter…</translation>
    </message>
    <message>
      <source>&amp;Rate</source>
      <translation>&amp;Faktor</translation>
    </message>
    <message>
      <source>&amp;Currency</source>
      <translation>&amp;Währung</translation>
    </message>
    <message>
      <source>&amp;One dollar is</source>
      <translation>&amp;Ein Dollar ist</translation>
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
      <source>Back to the previous page</source>
      <translation>Zurück zur vorigen Seite</translation>
    </message>
    <message>
      <source>Return</source>
      <translation>Eingabe</translation>
    </message>
    <message>
      <source>Open the selection</source>
      <translation>Auswahl öffnen</translation>
    </message>
    <message>
      <source>Move through a chart; its values are read aloud</source>
      <translation>Durch ein Diagramm gehen; seine Werte werden vorgelesen</translation>
    </message>
    <message>
      <source>Zoom a chart in and out</source>
      <translation>Diagramm vergrößern und verkleinern</translation>
    </message>
    <message>
      <source>Go to the filter</source>
      <translation>Zum Filter</translation>
    </message>
    <message>
      <source>Copy the selected rows, or all</source>
      <translation>Ausgewählte oder alle Zeilen kopieren</translation>
    </message>
    <message>
      <source>Export the table</source>
      <translation>Tabelle exportieren</translation>
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
      <translation>Versuch vor Modellwechsel</translation>
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
      <translation>defekter Verweis</translation>
    </message>
    <message>
      <source>circular link</source>
      <translation>zirkulärer Verweis</translation>
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
      <source>Only files with matching names</source>
      <translation>Nur Dateien mit passendem Namen</translation>
    </message>
    <message>
      <source>Choose folder…</source>
      <translation>Ordner wählen …</translation>
    </message>
    <message>
      <source>Scan again</source>
      <translation>Erneut suchen</translation>
    </message>
    <message>
      <source>Scanning the folder</source>
      <translation>Ordner wird durchsucht</translation>
    </message>
    <message>
      <source>Cancel</source>
      <translation>Abbrechen</translation>
    </message>
    <message>
      <source>Keep logs longer…</source>
      <translation>Länger aufbewahren …</translation>
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
      <translation>Nach Dateityp</translation>
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
      <translation>Auffälligkeiten</translation>
    </message>
    <message>
      <source>Contents of the folder</source>
      <translation>Inhalt des Ordners</translation>
    </message>
    <message>
      <source>There is no log folder to scan.</source>
      <translation>Es gibt keinen Protokollordner, der durchsucht werden könnte.</translation>
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
      <translation>{0} auf dem Datenträger</translation>
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
      <translation>leer, defekt oder nicht lesbar</translation>
    </message>
    <message>
      <source>Nothing is empty, broken or unreadable.</source>
      <translation>Nichts ist leer, defekt oder nicht lesbar.</translation>
    </message>
    <message>
      <source>Nothing is due to be deleted.</source>
      <translation>Nichts steht zum Löschen an.</translation>
    </message>
    <message>
      <source>No matching files.</source>
      <translation>Keine passenden Dateien.</translation>
    </message>
    <message>
      <source>its default</source>
      <translation>Standardwert</translation>
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
      <translation>{count} davon ({size}) werden in den nächsten 7 Tagen gelöscht.</translation>
    </message>
    <message>
      <source>Their cost of {cost} stays counted.</source>
      <translation>Ihre Kosten von {cost} bleiben gezählt.</translation>
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
      <source>Scanned in {seconds} s by one thread, {why}.</source>
      <translation>In {seconds} s von einem Thread durchsucht, {why}.</translation>
    </message>
    <message>
      <source>Scanned in {seconds} s by {count} threads, {why}.</source>
      <translation>In {seconds} s von {count} Threads durchsucht, {why}.</translation>
    </message>
    <message>
      <source>The scan was stopped early.</source>
      <translation>Die Suche wurde vorzeitig abgebrochen.</translation>
    </message>
    <message>
      <source>Checking…</source>
      <translation>Wird geprüft …</translation>
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
      <source>This page has its own time range.</source>
      <translation>Diese Seite hat einen eigenen Zeitraum.</translation>
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
      <source>Why</source>
      <translation>Wofür</translation>
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
      <translation>Tabelle exportieren …</translation>
    </message>
    <message>
      <source>Save picture…</source>
      <translation>Bild speichern …</translation>
    </message>
    <message>
      <source>Invoice…</source>
      <translation>Rechnung…</translation>
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
      <source>No session was active in this period.</source>
      <translation>In diesem Zeitraum war keine Sitzung aktiv.</translation>
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
      <translation>Tabelle exportieren …</translation>
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
      <source>Usual columns</source>
      <translation>Übliche Spalten</translation>
    </message>
    <message>
      <source>Total</source>
      <translation>Summe</translation>
    </message>
  </context>
  <context>
    <name>Saver</name>
    <message>
      <source>There are no invoices for other machines of the team.</source>
      <translation>Für andere Rechner des Teams gibt es keine Rechnungen.</translation>
    </message>
    <message>
      <source>Select machines that are not marked as the team’s.</source>
      <translation>Wählen Sie Rechner, die nicht als Rechner des Teams gekennzeichnet sind.</translation>
    </message>
    <message>
      <source>The file was not written: {0}</source>
      <translation>Die Datei wurde nicht geschrieben: {0}</translation>
    </message>
    <message>
      <source>Choose another folder, or check whether the disk is full.</source>
      <translation>Wähle einen anderen Ordner oder prüfe, ob der Datenträger voll ist.</translation>
    </message>
  </context>
  <context>
    <name>Saving</name>
    <message>
      <source>Export table</source>
      <translation>Tabelle exportieren</translation>
    </message>
    <message>
      <source>Save picture</source>
      <translation>Bild speichern</translation>
    </message>
    <message>
      <source>Save invoice</source>
      <translation>Rechnung speichern</translation>
    </message>
    <message>
      <source>PDF (*.pdf)</source>
      <translation>PDF (*.pdf)</translation>
    </message>
    <message>
      <source>Web page (*.html)</source>
      <translation>Webseite (*.html)</translation>
    </message>
    <message>
      <source>Comma-separated values (*.csv)</source>
      <translation>Kommagetrennte Werte (*.csv)</translation>
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
      <source>Date range</source>
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
      <source>Agent</source>
      <translation>Agent</translation>
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
      <source>Whole team</source>
      <translation>Ganzes Team</translation>
    </message>
    <message>
      <source>{0} (team)</source>
      <translation>{0} (Team)</translation>
    </message>
    <message>
      <source>This machine</source>
      <translation>Dieser Rechner</translation>
    </message>
    <message>
      <source>All machines</source>
      <translation>Alle Rechner</translation>
    </message>
    <message>
      <source>All agents</source>
      <translation>Alle Agenten</translation>
    </message>
    <message>
      <source>The usage of a team is not divided by agents.</source>
      <translation>Die Nutzung eines Teams wird nicht nach Agenten aufgeteilt.</translation>
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
      <source>started {0}</source>
      <translation>begonnen {0}</translation>
    </message>
    <message>
      <source>Cost of the session</source>
      <translation>Kosten der Sitzung</translation>
    </message>
    <message>
      <source>Pull request</source>
      <translation>Pull-Request</translation>
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
      <source>Sessions in this period</source>
      <translation>Sitzungen in diesem Zeitraum</translation>
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
      <translation>Meldungen &amp;stummschalten</translation>
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
      <translation>Stummschaltung auf&amp;heben</translation>
    </message>
  </context>
  <context>
    <name>WhyDialog</name>
    <message>
      <source>{answers} answers counted. {prices}.</source>
      <translation>{answers} Antworten gezählt. {prices}.</translation>
    </message>
    <message>
      <source>These models have no known price, so their cost is left out and marked “+ ?”: {models}. You can add prices with your own price list (Settings, Prices).</source>
      <translation>Diese Modelle haben keinen bekannten Preis; ihre Kosten fehlen und sind mit „+ ?“ gekennzeichnet: {models}. Mit einer eigenen Preisliste (Einstellungen, Preise) kannst du Preise ergänzen.</translation>
    </message>
    <message>
      <source>Every model has a known price.</source>
      <translation>Jedes Modell hat einen bekannten Preis.</translation>
    </message>
    <message>
      <source>{count} lines of the logs could not be read; “spendlight doctor” lists them.</source>
      <translation>{count} Zeilen der Protokolle waren nicht lesbar; „spendlight doctor“ listet sie auf.</translation>
    </message>
    <message>
      <source>All lines of the logs could be read.</source>
      <translation>Alle Zeilen der Protokolle waren lesbar.</translation>
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
      <source>Token counts are exact. Costs are calculated from the list prices of the API. With a subscription you pay a flat price, and an invoice may include discounts, taxes, and usage from other computers.</source>
      <translation>Die Anzahl der Tokens ist exakt. Die Kosten werden mit den Listenpreisen der API berechnet. Mit einem Abonnement zahlst du einen festen Preis, und eine Rechnung kann Rabatte, Steuern und die Nutzung anderer Rechner enthalten.</translation>
    </message>
    <message>
      <source>/usage and /cost in Claude Code</source>
      <translation>/usage und /cost in Claude Code</translation>
    </message>
    <message>
      <source>They are about your plan limits, which are not measured in dollars, or about the current session. Spendlight counts every session on this computer, including those whose logs have since been deleted. Plan limits are shown as reported by Claude Code; they are not calculated from the logs.</source>
      <translation>Sie beziehen sich auf deine Tariflimits, die nicht in Dollar gemessen werden, oder auf die aktuelle Sitzung. Spendlight zählt alle Sitzungen auf diesem Rechner, auch solche, deren Protokolle inzwischen gelöscht sind. Tariflimits werden so angezeigt, wie Claude Code sie meldet; sie werden nicht aus den Protokollen berechnet.</translation>
    </message>
    <message>
      <source>Each answer counts once</source>
      <translation>Jede Antwort zählt einmal</translation>
    </message>
    <message>
      <source>While an answer arrives, it is logged several times, and a resumed session copies old lines. Only the most complete copy counts. Programs that add up every line show two or three times as much.</source>
      <translation>Während eine Antwort eintrifft, wird sie mehrfach protokolliert, und eine fortgesetzte Sitzung kopiert alte Zeilen. Nur die vollständigste Kopie zählt. Programme, die jede Zeile zusammenzählen, zeigen zwei- bis dreimal so viel.</translation>
    </message>
    <message>
      <source>ccusage</source>
      <translation>ccusage</translation>
    </message>
    <message>
      <source>The same rules, with these exceptions: every report has the same total; subagent usage that only appears in progress lines is counted; a request above a long-context threshold is priced as a whole, as it is billed; a model without a price is listed instead of counted as free; lines with unusual but valid values are counted; logs deleted after thirty days stay counted.</source>
      <translation>Dieselben Regeln, mit diesen Ausnahmen: Jeder Bericht hat dieselbe Summe; die Nutzung von Subagenten zählt auch, wenn sie nur in Fortschrittszeilen steht; eine Anfrage über der Schwelle für lange Kontexte wird als Ganzes berechnet, so wie sie abgerechnet wird; ein Modell ohne Preis wird genannt, statt als kostenlos zu gelten; Zeilen mit ungewöhnlichen, aber gültigen Werten zählen; Protokolle, die nach dreißig Tagen gelöscht wurden, bleiben gezählt.</translation>
    </message>
    <message>
      <source>Refusals and fallbacks</source>
      <translation>Ablehnungen und Wechsel des Modells</translation>
    </message>
    <message>
      <source>A request that a model refuses before any output is not billed, so it costs nothing; its tokens are shown. An attempt that is refused halfway, before another model answers, is billed at its own model’s price and counted in addition to the answer, as is the compaction of a long conversation. ccusage counts the former in full and the latter not at all. Credits from Anthropic for the cache of a retry are not in the logs.</source>
      <translation>Eine Anfrage, die ein Modell vor jeder Ausgabe ablehnt, wird nicht abgerechnet und kostet daher nichts; ihre Tokens werden angezeigt. Ein Versuch, der mittendrin abgelehnt wird, bevor ein anderes Modell antwortet, wird zum Preis seines eigenen Modells abgerechnet und zusätzlich zur Antwort gezählt, ebenso die Verdichtung eines langen Gesprächs. ccusage zählt das Erste voll und das Zweite gar nicht. Gutschriften von Anthropic für den Cache eines neuen Versuchs stehen nicht in den Protokollen.</translation>
    </message>
    <message>
      <source>Days and blocks</source>
      <translation>Tage und Blöcke</translation>
    </message>
    <message>
      <source>Days begin at midnight in your time zone. A block lasts five hours, starting at the full hour of its first answer; when Anthropic’s own window begins is not known.</source>
      <translation>Tage beginnen um Mitternacht in deiner Zeitzone. Ein Block dauert fünf Stunden ab der vollen Stunde seiner ersten Antwort; wann Anthropics eigenes Fenster beginnt, ist nicht bekannt.</translation>
    </message>
    <message>
      <source>Web searches</source>
      <translation>Websuchen</translation>
    </message>
    <message>
      <source>They are shown separately and not included in the cost, as in other programs.</source>
      <translation>Sie werden getrennt angezeigt und sind wie bei anderen Programmen nicht in den Kosten enthalten.</translation>
    </message>
  </context>
  <context>
    <name>WhyPage</name>
    <message>
      <source>Divided by</source>
      <translation>Aufgeteilt nach</translation>
    </message>
    <message>
      <source>Usage by circumstances</source>
      <translation>Nutzung nach Umständen</translation>
    </message>
    <message>
      <source>Share by {0}</source>
      <translation>Anteile nach {0}</translation>
    </message>
    <message>
      <source>Cost</source>
      <translation>Kosten</translation>
    </message>
    <message>
      <source>Share</source>
      <translation>Anteil</translation>
    </message>
    <message>
      <source>Answers</source>
      <translation>Antworten</translation>
    </message>
    <message>
      <source>An answer that called several tools counts once, under all of them.</source>
      <translation>Eine Antwort, die mehrere Werkzeuge aufrief, zählt einmal, unter allen zusammen.</translation>
    </message>
    <message>
      <source>Not known for {0}: the folder is in no git repository, or was gone before Spendlight looked.</source>
      <translation>Für {0} nicht bekannt: Der Ordner liegt in keinem Git-Repository, oder er war gelöscht, bevor Spendlight nachsah.</translation>
    </message>
    <message>
      <source>Not known in this range: Claude Code did not log it, or its logs were gone before Spendlight kept it.</source>
      <translation>In diesem Zeitraum nicht bekannt: Claude Code hat es nicht protokolliert, oder die Protokolle waren gelöscht, bevor Spendlight es aufbewahrte.</translation>
    </message>
    <message>
      <source>Not known for {0}: Claude Code did not log it, or its logs were gone before Spendlight kept it. Known since {1}.</source>
      <translation>Für {0} nicht bekannt: Claude Code hat es nicht protokolliert, oder die Protokolle waren gelöscht, bevor Spendlight es aufbewahrte. Bekannt seit {1}.</translation>
    </message>
  </context>
  <context>
    <name>WindowFrame</name>
    <message>
      <source>Scan again</source>
      <translation>Erneut suchen</translation>
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
      <source>{agent}: {text}</source>
      <translation>{agent}: {text}</translation>
    </message>
    <message>
      <source>5-hour limit</source>
      <translation>5-Stunden-Limit</translation>
    </message>
    <message>
      <source>Weekly limit</source>
      <translation>Wochenlimit</translation>
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
      <translation>Limits {source}</translation>
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
      <translation>5-Stunden-Limit {percent}</translation>
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
      <source>from Codex, {age}</source>
      <translation>von Codex, {age}</translation>
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
      <source>lasts until reset</source>
      <translation>reicht bis zur Zurücksetzung</translation>
    </message>
    <message>
      <source>runs out {time} at this rate</source>
      <translation>bei diesem Tempo aufgebraucht {time}</translation>
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
      <translation>Zurücksetzung {time}</translation>
    </message>
    <message>
      <source>reset {time}, no newer report</source>
      <translation>zurückgesetzt {time}, seither keine Meldung</translation>
    </message>
    <message>
      <source>yesterday {time}</source>
      <translation>gestern {time}</translation>
    </message>
    <message>
      <source>{time} tomorrow</source>
      <translation>{time} morgen</translation>
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
      <source>This is a bug in Spendlight. Details are in the terminal it was started from.</source>
      <translation>Das ist ein Fehler in Spendlight. Einzelheiten stehen im Terminal, aus dem es gestartet wurde.</translation>
    </message>
    <message>
      <source>not known yet</source>
      <translation>noch nicht bekannt</translation>
    </message>
    <message>
      <source>at least {percent} % of {budget}</source>
      <translation>mindestens {percent} % von {budget}</translation>
    </message>
    <message>
      <source>{percent} % of {budget}</source>
      <translation>{percent} % von {budget}</translation>
    </message>
    <message>
      <source>{used} of {budget}</source>
      <translation>{used} von {budget}</translation>
    </message>
    <message>
      <source>Team</source>
      <translation>Team</translation>
    </message>
    <message>
      <source>{owner}: day budget</source>
      <translation>{owner}: Tagesbudget</translation>
    </message>
    <message>
      <source>{owner}: week budget</source>
      <translation>{owner}: Wochenbudget</translation>
    </message>
    <message>
      <source>{owner}: month budget</source>
      <translation>{owner}: Monatsbudget</translation>
    </message>
    <message>
      <source>{count} tokens</source>
      <translation>{count} Tokens</translation>
    </message>
    <message>
      <source>runs out at {time} at this rate</source>
      <translation>bei diesem Tempo aufgebraucht um {time}</translation>
    </message>
    <message>
      <source>lasts</source>
      <translation>reicht</translation>
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
      <source>Block budget {used} of {budget}</source>
      <translation>Block-Budget: {used} von {budget}</translation>
    </message>
    <message>
      <source>Day budget {used} of {budget}</source>
      <translation>Tagesbudget: {used} von {budget}</translation>
    </message>
    <message>
      <source>Week budget {used} of {budget}</source>
      <translation>Wochenbudget: {used} von {budget}</translation>
    </message>
    <message>
      <source>Month budget {used} of {budget}</source>
      <translation>Monatsbudget: {used} von {budget}</translation>
    </message>
    <message>
      <source>No coding agent found</source>
      <translation>Kein Coding-Agent gefunden</translation>
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
      <translation>Temporäres Archiv: {reason}</translation>
    </message>
    <message>
      <source>Not published since {time}: {reason}</source>
      <translation>Seit {time} nicht veröffentlicht: {reason}</translation>
    </message>
    <message>
      <source>Not updated since {time}, {age}</source>
      <translation>Nicht aktuell seit {time}, {age}</translation>
    </message>
    <message>
      <source>Not all logs have been read</source>
      <translation>Noch nicht alle Protokolle gelesen</translation>
    </message>
    <message>
      <source>Usage limit until {time}</source>
      <translation>Nutzungslimit bis {time}</translation>
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
      <source>These figures are from {time}, {age}.</source>
      <translation>Die Zahlen sind von {time}, {age}.</translation>
    </message>
    <message>
      <source>Reading the logs was stopped, so these figures are incomplete</source>
      <translation>Das Lesen der Protokolle wurde abgebrochen; diese Zahlen sind unvollständig</translation>
    </message>
    <message>
      <source>Refresh reads the rest.</source>
      <translation>Aktualisieren liest den Rest.</translation>
    </message>
    <message>
      <source>The usage limit is reached until {time}</source>
      <translation>Das Nutzungslimit ist erreicht bis {time}</translation>
    </message>
    <message>
      <source>Reading the logs of your coding agents</source>
      <translation>Die Protokolle deiner Coding-Agenten werden gelesen</translation>
    </message>
    <message>
      <source>The first time takes a moment; after that, only new lines are read.</source>
      <translation>Beim ersten Mal dauert es einen Moment; danach wird nur Neues gelesen.</translation>
    </message>
    <message>
      <source>Spendlight reads the logs of Claude Code, Codex and other agents in their usual folders; Claude Code’s is ~/.claude or ~/.config/claude, or the one in CLAUDE_CONFIG_DIR. If yours is elsewhere, add it in the settings under Data sources. To see Spendlight with made-up data, run “spendlight --demo”.</source>
      <translation>Spendlight liest die Protokolle von Claude Code, Codex und anderen Agenten in ihren üblichen Ordnern; der von Claude Code ist ~/.claude oder ~/.config/claude oder der in CLAUDE_CONFIG_DIR. Liegt deiner woanders, füge ihn in den Einstellungen unter „Datenquellen“ hinzu. „spendlight --demo“ zeigt Spendlight mit erfundenen Daten.</translation>
    </message>
    <message>
      <source>A coding agent is installed, but its logs contain no answers yet. The first one will appear here soon after it is logged.</source>
      <translation>Ein Coding-Agent ist vorhanden, aber seine Protokolle enthalten noch keine Antworten. Die erste erscheint hier, kurz nachdem sie protokolliert wurde.</translation>
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
      <source>1 unreadable line</source>
      <translation>1 unlesbare Zeile</translation>
    </message>
    <message>
      <source>{count} unreadable lines</source>
      <translation>{count} unlesbare Zeilen</translation>
    </message>
    <message>
      <source>LiteLLM list</source>
      <translation>LiteLLM-Liste</translation>
    </message>
    <message>
      <source>{name} from {day}</source>
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
      <source>{list}, on top of {other}</source>
      <translation>{list}, sonst {other}</translation>
    </message>
    <message>
      <source>{count} overridden</source>
      <translation>{count} ersetzt</translation>
    </message>
    <message>
      <source>Ignored in your price list: {name}: {reason}</source>
      <translation>In deiner Preisliste ignoriert: {name}: {reason}</translation>
    </message>
    <message>
      <source>There is no tray for the icon</source>
      <translation>Es gibt keinen Platz für das Symbol</translation>
    </message>
    <message>
      <source>Until then, closing this window quits Spendlight.</source>
      <translation>Bis dahin wird Spendlight beendet, wenn du dieses Fenster schließt.</translation>
    </message>
    <message>
      <source>GNOME shows them only with the extension {name}.</source>
      <translation>GNOME zeigt Symbole nur mit der Erweiterung {name}.</translation>
    </message>
    <message>
      <source>It appears as soon as a panel supports tray icons.</source>
      <translation>Es erscheint, sobald eine Leiste Symbole unterstützt.</translation>
    </message>
    <message>
      <source>The team’s folder cannot be used now, so its newer usage is missing</source>
      <translation>Der Ordner des Teams ist gerade nicht verfügbar, daher fehlt neuere Nutzung</translation>
    </message>
    <message>
      <source>New usage has not been published to the team since {time}</source>
      <translation>Neue Nutzung wird seit {time} nicht im Team veröffentlicht</translation>
    </message>
    <message>
      <source>{reason} It will be published as soon as that works again.</source>
      <translation>{reason} Sie wird veröffentlicht, sobald das wieder geht.</translation>
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
      <source>only one answer so far</source>
      <translation>bisher nur eine Antwort</translation>
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
      <source>and 1 more alert</source>
      <translation>und 1 weitere Meldung</translation>
    </message>
    <message>
      <source>and {count} more alerts</source>
      <translation>und {count} weitere Meldungen</translation>
    </message>
    <message>
      <source>Burn rate</source>
      <translation>Tempo</translation>
    </message>
    <message>
      <source>{limit} of {person}</source>
      <translation>{limit} von {person}</translation>
    </message>
    <message>
      <source>{limit} of the team</source>
      <translation>{limit} des Teams</translation>
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
      <source>It ended at {time}, with {percent} % used.</source>
      <translation>Ende um {time}; {percent} % wurden verbraucht.</translation>
    </message>
    <message>
      <source>As reported by Claude Code</source>
      <translation>Laut Claude Code</translation>
    </message>
    <message>
      <source>{used} · resets {time}</source>
      <translation>{used} · Zurücksetzung {time}</translation>
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
      <source>At this rate the budget will run out at {time}, {left} before the block ends.</source>
      <translation>Bei diesem Tempo ist das Budget um {time} verbraucht, {left} vor dem Ende des Blocks.</translation>
    </message>
    <message>
      <source>At this rate the budget will run out at {time}, {left} before the day ends.</source>
      <translation>Bei diesem Tempo ist das Budget um {time} verbraucht, {left} vor dem Ende des Tages.</translation>
    </message>
    <message>
      <source>At this rate the budget will run out at {time}, {left} before the week ends.</source>
      <translation>Bei diesem Tempo ist das Budget um {time} verbraucht, {left} vor dem Ende der Woche.</translation>
    </message>
    <message>
      <source>At this rate the budget will run out at {time}, {left} before the month ends.</source>
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
      <source>The plan’s weekly limit</source>
      <translation>Wochenlimit des Tarifs</translation>
    </message>
    <message>
      <source>The plan’s 5-hour limit</source>
      <translation>5-Stunden-Limit des Tarifs</translation>
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
      <source>{time} tomorrow</source>
      <translation>{time} morgen</translation>
    </message>
    <message>
      <source>{time} yesterday</source>
      <translation>{time} gestern</translation>
    </message>
    <message>
      <source>Amounts are hidden.</source>
      <translation>Beträge sind verborgen.</translation>
    </message>
  </context>
  <context>
    <name>diagnostics</name>
    <message>
      <source>Recent errors</source>
      <translation>Letzte Fehler</translation>
    </message>
    <message>
      <source>Running for</source>
      <translation>Läuft seit</translation>
    </message>
    <message>
      <source>Peak memory</source>
      <translation>Speicher, maximal</translation>
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
      <source>{count} per second</source>
      <translation>{count} pro Sekunde</translation>
    </message>
    <message>
      <source>Wake-ups now</source>
      <translation>Aufwachen jetzt</translation>
    </message>
    <message>
      <source>Written to disk</source>
      <translation>Auf den Datenträger geschrieben</translation>
    </message>
    <message>
      <source>Ledger</source>
      <translation>Archiv</translation>
    </message>
    <message>
      <source>Ledger size</source>
      <translation>Größe des Archivs</translation>
    </message>
    <message>
      <source>Answers in the ledger</source>
      <translation>Antworten im Archiv</translation>
    </message>
    <message>
      <source>Logs watched</source>
      <translation>Beobachtete Protokolle</translation>
    </message>
    <message>
      <source>none since Spendlight started</source>
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
      <source>Notifications are shown by the tray icon.</source>
      <translation>Benachrichtigungen erscheinen am Symbol.</translation>
    </message>
    <message>
      <source>Open</source>
      <translation>Öffnen</translation>
    </message>
    <message>
      <source>Notifications work</source>
      <translation>Benachrichtigungen funktionieren</translation>
    </message>
    <message>
      <source>Alerts about your budgets will look like this.</source>
      <translation>So sehen Meldungen zu deinen Budgets aus.</translation>
    </message>
    <message>
      <source>No notification service is running, so the tray icon shows them.</source>
      <translation>Es läuft kein Benachrichtigungsdienst; das Symbol zeigt sie.</translation>
    </message>
    <message>
      <source>Mute for 1 hour</source>
      <translation>1 Stunde stumm</translation>
    </message>
    <message>
      <source>Notifications are shown by {service}.</source>
      <translation>Benachrichtigungen zeigt {service}.</translation>
    </message>
  </context>
  <context>
    <name>settings</name>
    <message>
      <source>It was turned off in the system’s settings.</source>
      <translation>Es wurde in den Systemeinstellungen ausgeschaltet.</translation>
    </message>
    <message>
      <source>Changes to Claude Code’s settings</source>
      <translation>Änderungen an den Einstellungen von Claude Code</translation>
    </message>
    <message>
      <source>Change the &amp;settings</source>
      <translation>&amp;Einstellungen ändern</translation>
    </message>
    <message>
      <source>&amp;Undo the last change</source>
      <translation>&amp;Letzte Änderung rückgängig machen</translation>
    </message>
    <message>
      <source>It is already set up like this.</source>
      <translation>Es ist bereits so eingerichtet.</translation>
    </message>
    <message>
      <source>A backup of {path} is kept in the same folder.</source>
      <translation>Eine Sicherungskopie von {path} wird im selben Ordner aufbewahrt.</translation>
    </message>
    <message>
      <source>Coding agents</source>
      <translation>Coding-Agenten</translation>
    </message>
    <message>
      <source>Agent</source>
      <translation>Agent</translation>
    </message>
    <message>
      <source>Data folder</source>
      <translation>Datenordner</translation>
    </message>
    <message>
      <source>Logs</source>
      <translation>Logs</translation>
    </message>
    <message>
      <source>&amp;Choose folder…</source>
      <translation>O&amp;rdner wählen…</translation>
    </message>
    <message>
      <source>Use default fo&amp;lder</source>
      <translation>&amp;Standardordner verwenden</translation>
    </message>
    <message>
      <source>off</source>
      <translation>aus</translation>
    </message>
    <message>
      <source>not found</source>
      <translation>nicht gefunden</translation>
    </message>
    <message>
      <source>Data folder of {agent}</source>
      <translation>Datenordner von {agent}</translation>
    </message>
    <message>
      <source>New rule</source>
      <translation>Neue Regel</translation>
    </message>
    <message>
      <source>Edit rule</source>
      <translation>Regel bearbeiten</translation>
    </message>
    <message>
      <source>Notify me about</source>
      <translation>Melden</translation>
    </message>
    <message>
      <source>Period</source>
      <translation>Zeitraum</translation>
    </message>
    <message>
      <source>Whose usage</source>
      <translation>Nutzung</translation>
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
      <source>Notify at, in percent</source>
      <translation>Melden bei, in Prozent</translation>
    </message>
    <message>
      <source>&amp;Whose usage</source>
      <translation>&amp;Nutzung</translation>
    </message>
    <message>
      <source>&amp;Notify me about</source>
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
      <source>A&amp;gent</source>
      <translation>A&amp;gent</translation>
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
      <source>Enter percentages up to 1000, separated by commas: 80, 100.</source>
      <translation>Gib Prozentwerte bis 1000 ein, durch Kommas getrennt: 80, 100.</translation>
    </message>
    <message>
      <source> per hour</source>
      <translation> pro Stunde</translation>
    </message>
    <message>
      <source>The burn rate of the active block; the period sets how often you are notified.</source>
      <translation>Gemeint ist das Tempo des laufenden Blocks; der Zeitraum legt fest, wie oft gemeldet wird.</translation>
    </message>
    <message>
      <source>Notifies you if the amount is going to run out well before the period ends.</source>
      <translation>Meldet, wenn der Betrag voraussichtlich deutlich vor dem Ende des Zeitraums verbraucht ist.</translation>
    </message>
    <message>
      <source>Notifies you at the end of a period in which at least 90 % of a budget was used.</source>
      <translation>Meldet das Ende eines Zeitraums, in dem mindestens 90 % eines Budgets verbraucht wurden.</translation>
    </message>
    <message>
      <source>Claude Code reports how much is used; set this up under “Data sources”.</source>
      <translation>Wie viel verbraucht ist, meldet Claude Code; einrichten lässt sich das unter „Datenquellen“.</translation>
    </message>
    <message>
      <source>Rules for a project or a model, tokens, the burn rate or a forecast.</source>
      <translation>Regeln für Projekte, Modelle, Tokens, das Tempo oder eine Prognose.</translation>
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
      <source>Notify at, %</source>
      <translation>Melden bei, %</translation>
    </message>
    <message>
      <source>Add &amp;rule…</source>
      <translation>Regel hinzu&amp;fügen …</translation>
    </message>
    <message>
      <source>Ed&amp;it…</source>
      <translation>Be&amp;arbeiten …</translation>
    </message>
    <message>
      <source>Remo&amp;ve</source>
      <translation>E&amp;ntfernen</translation>
    </message>
    <message>
      <source>The plan’s weekly limit</source>
      <translation>Wochenlimit des Tarifs</translation>
    </message>
    <message>
      <source>The plan’s 5-hour limit</source>
      <translation>5-Stunden-Limit des Tarifs</translation>
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
      <translation>Prognose {period}</translation>
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
      <source>Forecast: budget will not last</source>
      <translation>Prognose: Budget reicht nicht</translation>
    </message>
    <message>
      <source>End of a period with a budget nearly used up</source>
      <translation>Ende eines Zeitraums mit fast verbrauchtem Budget</translation>
    </message>
    <message>
      <source>Plan limit, as reported by Claude Code</source>
      <translation>Tariflimit laut Claude Code</translation>
    </message>
    <message>
      <source>This machine’s</source>
      <translation>dieses Rechners</translation>
    </message>
    <message>
      <source>The whole team’s</source>
      <translation>des ganzen Teams</translation>
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
      <source>Team</source>
      <translation>Team</translation>
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
      <source>Record plan limits</source>
      <translation>Tariflimits erfassen</translation>
    </message>
    <message>
      <source>Done. It takes effect with Claude Code’s next answer.</source>
      <translation>Fertig. Das gilt ab der nächsten Antwort von Claude Code.</translation>
    </message>
    <message>
      <source>Done. The previous status line is restored.</source>
      <translation>Fertig. Die frühere Statuszeile ist wiederhergestellt.</translation>
    </message>
    <message>
      <source>&amp;Keep showing the current status line, and only record the limits</source>
      <translation>Die vorhandene Statuszeile &amp;weiterhin anzeigen und nur die Limits erfassen</translation>
    </message>
    <message>
      <source>Claude Code passes the usage of your plan to its status line, the line below the prompt. If Spendlight provides that line, it can show your plan limits.</source>
      <translation>Claude Code übergibt den Verbrauch deines Tarifs an seine Statuszeile, die Zeile unter der Eingabe. Stellt Spendlight diese Zeile bereit, kann es deine Tariflimits anzeigen.</translation>
    </message>
    <message>
      <source>Budgets and alerts</source>
      <translation>Budgets und Meldungen</translation>
    </message>
    <message>
      <source>You are notified when 80 % of a budget is used, and when it is used up. Amounts are list prices of the tokens, not a bill.</source>
      <translation>Du wirst benachrichtigt, wenn 80 % eines Budgets verbraucht sind und wenn es aufgebraucht ist. Beträge sind Listenpreise der Tokens, keine Rechnung.</translation>
    </message>
    <message>
      <source>Notify me when the budget for a block will not &amp;last</source>
      <translation>Melden, wenn das Budget eines Blocks nicht reic&amp;ht</translation>
    </message>
    <message>
      <source>Notify me at the &amp;end of a block with a budget nearly used up</source>
      <translation>Am &amp;Ende eines Blocks mit fast verbrauchtem Budget melden</translation>
    </message>
    <message>
      <source>Notify me at 80 % and 100 % of the plan’s &amp;5-hour limit</source>
      <translation>Bei 80 % und 100 % des &amp;5-Stunden-Limits des Tarifs melden</translation>
    </message>
    <message>
      <source>Notify me at 80 % and 100 % of the plan’s wee&amp;kly limit</source>
      <translation>Bei 80 % und 100 % des W&amp;ochenlimits des Tarifs melden</translation>
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
      <translation>Testbena&amp;chrichtigung senden</translation>
    </message>
    <message>
      <source>Alerts are muted until {time}.</source>
      <translation>Meldungen sind stumm bis {time}.</translation>
    </message>
    <message>
      <source>Quiet hours cannot begin and end at the same time. Change one of them.</source>
      <translation>Die Ruhezeit kann nicht zur selben Zeit beginnen und enden. Ändere eine der beiden Zeiten.</translation>
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
      <source>Show &amp;critical alerts during quiet hours too</source>
      <translation>&amp;Kritische Meldungen auch während der Ruhezeit anzeigen</translation>
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
      <source>&amp;Unmute</source>
      <translation>Stummschaltung auf&amp;heben</translation>
    </message>
    <message>
      <source>This requires a budget for the block.</source>
      <translation>Dafür ist ein Budget für den Block nötig.</translation>
    </message>
    <message>
      <source>Diagnostics</source>
      <translation>Diagnose</translation>
    </message>
    <message>
      <source>The resources that Spendlight uses, and recent errors.</source>
      <translation>Was Spendlight an Ressourcen verbraucht und welche Fehler auftraten.</translation>
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
      <source>Same as the system</source>
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
      <source>Days begin at midnight in this time zone. Leave it empty to use the computer’s.</source>
      <translation>Tage beginnen um Mitternacht in dieser Zeitzone. Leer bedeutet: die des Rechners.</translation>
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
      <source>There is no time zone “{name}”. Choose one, or leave it empty.</source>
      <translation>Es gibt keine Zeitzone „{name}“. Wähle eine aus oder lass das Feld leer.</translation>
    </message>
    <message>
      <source>“Never go online” is turned on under Prices.</source>
      <translation>Unter „Preise“ ist „Nie online gehen“ eingeschaltet.</translation>
    </message>
    <message>
      <source>At most once a day, Spendlight asks api.github.com for its latest release. The request contains nothing about you. You are notified of each version once; nothing is installed.</source>
      <translation>Höchstens einmal am Tag fragt Spendlight api.github.com nach seiner neuesten Version. Die Anfrage enthält nichts über dich. Du wirst über jede Version einmal benachrichtigt; installiert wird nichts.</translation>
    </message>
    <message>
      <source>Off by default, because updates come with your system’s packages.</source>
      <translation>Standardmäßig aus, denn Updates kommen mit den Paketen deines Systems.</translation>
    </message>
    <message>
      <source>Time zone</source>
      <translation>Zeitzone</translation>
    </message>
    <message>
      <source>The computer’s time zone</source>
      <translation>Zeitzone des Rechners</translation>
    </message>
    <message>
      <source>Prices</source>
      <translation>Preise</translation>
    </message>
    <message>
      <source>Check for &amp;newer prices</source>
      <translation>Nach &amp;neueren Preisen suchen</translation>
    </message>
    <message>
      <source>Never go &amp;online</source>
      <translation>Nie &amp;online gehen</translation>
    </message>
    <message>
      <source>If this is off, LiteLLM’s price list is downloaded at most once a day. If it is on, the price list included with Spendlight is used, and there is no check for updates.</source>
      <translation>Ist dies ausgeschaltet, wird die Preisliste von LiteLLM höchstens einmal am Tag heruntergeladen. Ist es eingeschaltet, gilt die mitgelieferte Preisliste, und nach Updates wird nicht gesucht.</translation>
    </message>
    <message>
      <source>Your own price list</source>
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
      <translation>&amp;Wählen …</translation>
    </message>
    <message>
      <source>A JSON file in LiteLLM’s format. Its prices take precedence; all other models keep theirs.</source>
      <translation>Eine JSON-Datei im Format von LiteLLM. Ihre Preise haben Vorrang; alle anderen Modelle behalten ihre.</translation>
    </message>
    <message>
      <source>Cost of an answer</source>
      <translation>Kosten einer Antwort</translation>
    </message>
    <message>
      <source>As recorded, otherwise from the price list</source>
      <translation>Wie aufgezeichnet, sonst nach der Preisliste</translation>
    </message>
    <message>
      <source>Always from the price list</source>
      <translation>Immer nach der Preisliste</translation>
    </message>
    <message>
      <source>Only as recorded by Claude Code</source>
      <translation>Nur wie von Claude Code aufgezeichnet</translation>
    </message>
    <message>
      <source>Price list in LiteLLM’s format</source>
      <translation>Preisliste im Format von LiteLLM</translation>
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
      <source>In the tray, the window and notifications, when others can see your screen.</source>
      <translation>Im Symbol, im Fenster und in Benachrichtigungen, wenn andere den Bildschirm sehen können.</translation>
    </message>
    <message>
      <source>What is stored</source>
      <translation>Was gespeichert wird</translation>
    </message>
    <message>
      <source>Spendlight reads Claude Code’s logs and stores figures from them, only on this computer and only for you: time, project, session, model and number of tokens. It never stores what was said.</source>
      <translation>Spendlight liest die Protokolle von Claude Code und speichert Zahlen daraus, nur auf diesem Rechner und nur für dich: Zeit, Projekt, Sitzung, Modell und Anzahl der Tokens. Was gesagt wurde, speichert es nie.</translation>
    </message>
    <message>
      <source>What is sent</source>
      <translation>Was gesendet wird</translation>
    </message>
    <message>
      <source>Only two requests, each at most once a day: one for the price list, to raw.githubusercontent.com, and one for the latest release, to api.github.com. They contain nothing about you. “Never go online” under Prices turns off both; “Check for updates” under General turns off the second. There is no telemetry and no account.</source>
      <translation>Nur zwei Anfragen, jede höchstens einmal am Tag: eine nach der Preisliste an raw.githubusercontent.com und eine nach der neuesten Version an api.github.com. Sie enthalten nichts über dich. „Nie online gehen“ unter „Preise“ schaltet beide ab, „Nach Updates suchen“ unter „Allgemein“ die zweite. Es gibt keine Telemetrie und kein Konto.</translation>
    </message>
    <message>
      <source>Data sources</source>
      <translation>Datenquellen</translation>
    </message>
    <message>
      <source>Folders of Claude Code</source>
      <translation>Ordner von Claude Code</translation>
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
      <source>More data folders, one per line</source>
      <translation>Weitere Datenordner, einer je Zeile</translation>
    </message>
    <message>
      <source>A&amp;dd folder…</source>
      <translation>&amp;Ordner hinzufügen …</translation>
    </message>
    <message>
      <source>Plan limits</source>
      <translation>Tariflimits</translation>
    </message>
    <message>
      <source>Set &amp;up…</source>
      <translation>Einri&amp;chten …</translation>
    </message>
    <message>
      <source>Ledger</source>
      <translation>Archiv</translation>
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
      <source>CLAUDE_CONFIG_DIR is set, so these folders are not used.</source>
      <translation>CLAUDE_CONFIG_DIR ist gesetzt, daher werden diese Ordner nicht verwendet.</translation>
    </message>
    <message>
      <source>One per line; each must contain a “projects” folder.</source>
      <translation>Einer je Zeile; jeder muss einen Ordner „projects“ enthalten.</translation>
    </message>
    <message>
      <source>Claude Code data folder</source>
      <translation>Datenordner von Claude Code</translation>
    </message>
    <message>
      <source>Checking…</source>
      <translation>Wird geprüft …</translation>
    </message>
    <message>
      <source>5-hour limit {percent} %</source>
      <translation>5-Stunden-Limit {percent} %</translation>
    </message>
    <message>
      <source>week {percent} %</source>
      <translation>Woche {percent} %</translation>
    </message>
    <message>
      <source>{limits}, reported by Claude Code {time}.</source>
      <translation>{limits}, laut Claude Code ({time}).</translation>
    </message>
    <message>
      <source>Spendlight is Claude Code’s status line.</source>
      <translation>Spendlight ist die Statuszeile von Claude Code.</translation>
    </message>
    <message>
      <source>Spendlight is Claude Code’s status line; on Pro and Max plans, the limits arrive with the next answer.</source>
      <translation>Spendlight ist die Statuszeile von Claude Code; bei Pro und Max kommen die Limits mit der nächsten Antwort.</translation>
    </message>
    <message>
      <source>Claude Code passes them to another status line; Spendlight can record them as well.</source>
      <translation>Claude Code übergibt sie an eine andere Statuszeile; Spendlight kann sie ebenfalls erfassen.</translation>
    </message>
    <message>
      <source>Unknown, because Claude Code was not found.</source>
      <translation>Unbekannt, weil Claude Code nicht gefunden wurde.</translation>
    </message>
    <message>
      <source>Claude Code passes them to its status line. Set up Spendlight as that line.</source>
      <translation>Claude Code übergibt sie an seine Statuszeile. Richte Spendlight als diese Zeile ein.</translation>
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
      <source>does not exist</source>
      <translation>nicht vorhanden</translation>
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
      <source>It is shown in the panel.</source>
      <translation>Es wird in der Leiste angezeigt.</translation>
    </message>
    <message>
      <source>This desktop only has room for the icon, so it is shown first in the tooltip and the menu.</source>
      <translation>Diese Oberfläche hat nur Platz für das Symbol; daher steht es zuerst im Hinweis und im Menü.</translation>
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
      <translation>&amp;5-Stunden-Limit des Tarifs</translation>
    </message>
    <message>
      <source>The plan’s &amp;weekly limit</source>
      <translation>&amp;Wochenlimit des Tarifs</translation>
    </message>
    <message>
      <source>&amp;Time left in the block</source>
      <translation>Verbleibende &amp;Zeit im Block</translation>
    </message>
    <message>
      <source>Dollars per &amp;hour</source>
      <translation>&amp;Dollar pro Stunde</translation>
    </message>
    <message>
      <source>&amp;Nothing, only the icon</source>
      <translation>&amp;Nichts, nur das Symbol</translation>
    </message>
  </context>
</TS>
