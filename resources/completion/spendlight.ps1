# Completes the commands of spendlight in PowerShell.

Register-ArgumentCompleter -Native -CommandName spendlight -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    # Only what ends before the cursor is complete; both count from the start of the line.
    $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
        ForEach-Object {
            if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value }
            else { $_.Extent.Text }
        })
    if ($words.Count -eq 0) { return }
    $program = $words[0]
    $before = @($words | Select-Object -Skip 1)
    $encoding = [Console]::OutputEncoding
    try { [Console]::OutputEncoding = [System.Text.Encoding]::UTF8 } catch { } # no console, as in ISE
    try {
        $answer = @(& $program __complete "=$wordToComplete" @before 2>$null)
    } finally {
        try { [Console]::OutputEncoding = $encoding } catch { }
    }
    if ($answer.Count -eq 0) { return }
    $kind = $answer[0]
    if ($kind -eq 'values') {
        $results = @($answer | Select-Object -Skip 1 | ForEach-Object {
            $text, $meaning = $_.Split("`t", 2)
            if (-not $meaning) { $meaning = $text }
            if ($text.StartsWith($wordToComplete, [System.StringComparison]::OrdinalIgnoreCase)) {
                [System.Management.Automation.CompletionResult]::new(
                    $text, $text, 'ParameterValue', $meaning)
            }
        })
        if ($results.Count -eq 0) { return '' } # else PowerShell offers files
        return $results
    }
    $lead, $place = '', $wordToComplete
    if ($wordToComplete -match '^(--[^=]*=)(.*)$') { $lead, $place = $Matches[1], $Matches[2] }
    [System.Management.Automation.CompletionCompleters]::CompleteFilename($place) |
        Where-Object { $kind -eq 'files' -or $_.ResultType -eq 'ProviderContainer' } |
        ForEach-Object {
            [System.Management.Automation.CompletionResult]::new(
                $lead + $_.CompletionText, $_.ListItemText, $_.ResultType, $_.ToolTip)
        }
}
