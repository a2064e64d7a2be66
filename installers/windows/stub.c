/* Replaces the frozen program where that cannot be built, so that what the installer does with
   it can be seen. Compiled twice: as spendlight.exe, and with TRAY as spendlight-tray.exe.

   Each notes in %STUB_NOTES% what it was called with. The tray runs until it is asked to end; where
   %STUB_NOTES%.deaf is there, it does not. `unhook` fails where %STUB_NOTES%.stuck is there. */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#define END L"Local\\SpendlightStubEnd"
#define WAIT_MS 2000

static BOOL is_there(const wchar_t *ending)
{
    wchar_t path[MAX_PATH + 16];
    DWORD letters = GetEnvironmentVariableW(L"STUB_NOTES", path, MAX_PATH);
    if (letters == 0 || letters >= MAX_PATH)
        return FALSE;
    wcscat(path, ending);
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

static void note(const wchar_t *words)
{
    wchar_t path[MAX_PATH];
    DWORD letters = GetEnvironmentVariableW(L"STUB_NOTES", path, MAX_PATH);
    if (letters == 0 || letters >= MAX_PATH)
        return;
    FILE *file = _wfopen(path, L"a");
    if (file != NULL) {
        fwprintf(file, L"%ls %ls\n", VERSION, words);
        fclose(file);
    }
}

#ifdef TRAY
int wmain(void)
{
    HANDLE end = CreateEventW(NULL, TRUE, FALSE, END);
    note(L"tray started");
    do {
        WaitForSingleObject(end, INFINITE);
        ResetEvent(end);
    } while (is_there(L".deaf"));
    note(L"tray ended");
    return 0;
}
#else
static int quit(void)
{
    HANDLE end = OpenEventW(EVENT_ALL_ACCESS, FALSE, END);
    DWORD began = GetTickCount();
    if (end == NULL)
        return 0;
    SetEvent(end);
    CloseHandle(end);
    while (GetTickCount() - began < WAIT_MS) {
        end = OpenEventW(EVENT_ALL_ACCESS, FALSE, END);
        if (end == NULL)
            return 0;
        CloseHandle(end);
        Sleep(20);
    }
    return 1;
}

int wmain(int count, wchar_t **words)
{
    wchar_t line[1024] = L"called:";
    int n;
    for (n = 1; n < count && wcslen(line) + wcslen(words[n]) < 1000; n++) {
        wcscat(line, L" ");
        wcscat(line, words[n]);
    }
    note(line);
    if (count > 1 && wcscmp(words[1], L"--version") == 0)
        wprintf(L"spendlight %ls\n", VERSION);
    if (count > 1 && wcscmp(words[1], L"quit") == 0)
        return quit();
    if (count > 1 && wcscmp(words[1], L"unhook") == 0)
        return is_there(L".stuck") ? 1 : 0;
    return 0;
}
#endif
