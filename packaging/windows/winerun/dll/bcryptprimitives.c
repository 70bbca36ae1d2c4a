/* What Go's programs need and wine 8 lacks, for tests in wine alone. They load
   this library at their start, for ProcessPrng. */
#include <windows.h>
#include <ntsecapi.h>
#include <winternl.h>

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
	return RtlGenRandom(data, size);
}

/* Go's RemoveAll deletes by FileDispositionInformationEx, and in an older way on
   a Windows that says that it has no such class. Wine 8 does not have it either,
   but says that it is not implemented, which Go takes for a failed deletion. */
enum { DISPOSITION_EX = 64 };
#define NOT_IMPLEMENTED ((NTSTATUS)0xC0000002)
#define INVALID_INFO_CLASS ((NTSTATUS)0xC0000003)

typedef NTSTATUS(NTAPI *set_information)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, ULONG);
static set_information wines_set_information;

static NTSTATUS NTAPI set_information_file(HANDLE file, IO_STATUS_BLOCK *io, void *info, ULONG size, ULONG class)
{
	NTSTATUS status = wines_set_information(file, io, info, size, class);
	return class == DISPOSITION_EX && status == NOT_IMPLEMENTED ? INVALID_INFO_CLASS : status;
}

/* The first instance of a pipe that go-winio makes is for keeping the name: it
   can be neither read nor written, and Windows connects nobody to it. Wine gives
   it to the first client, who then waits in vain. A client that stays connected
   for good makes up for that. */
typedef NTSTATUS(NTAPI *create_pipe)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG, ULONG,
	ULONG, ULONG, ULONG, ULONG, ULONG, ULONG, LARGE_INTEGER *);
static create_pipe wines_create_pipe;

static NTSTATUS NTAPI create_named_pipe(HANDLE *pipe, ACCESS_MASK access, OBJECT_ATTRIBUTES *name, IO_STATUS_BLOCK *io,
	ULONG share, ULONG disposition, ULONG options, ULONG type, ULONG read, ULONG completion, ULONG instances,
	ULONG in, ULONG out, LARGE_INTEGER *timeout)
{
	HANDLE client;
	IO_STATUS_BLOCK unused;
	NTSTATUS status = wines_create_pipe(pipe, access, name, io, share, disposition, options, type, read, completion,
		instances, in, out, timeout);
	if (status == 0 && access == SYNCHRONIZE)
		NtOpenFile(&client, GENERIC_READ | SYNCHRONIZE, name, &unused, FILE_SHARE_READ | FILE_SHARE_WRITE, 0);
	return status;
}

/* copy is memcpy, without the C library. */
static void copy(void *to, const void *from, int n)
{
	while (n-- > 0)
		((BYTE *)to)[n] = ((const BYTE *)from)[n];
}

/* replace has a system call of ntdll go to ours, and returns a copy of its own
   code: the 32 bytes of an entry depend on no address. */
static void *replace(const char *name, void *ours)
{
	static const BYTE entry[] = {0x4c, 0x8b, 0xd1, 0xb8}; /* mov r10,rcx; mov eax,number */
	BYTE jump[] = {0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xe0}; /* mov rax,ours; jmp rax */
	BYTE *at = (BYTE *)GetProcAddress(GetModuleHandleA("ntdll"), name);
	BYTE *kept = VirtualAlloc(NULL, 32, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
	DWORD old;

	if (*(DWORD *)at != *(DWORD *)entry || !kept || !VirtualProtect(at, sizeof jump, PAGE_EXECUTE_READWRITE, &old))
		return NULL; /* another wine, which may not need it */
	copy(kept, at, 32);
	copy(jump + 2, &ours, sizeof ours);
	copy(at, jump, sizeof jump);
	VirtualProtect(at, sizeof jump, old, &old);
	return kept;
}

BOOL WINAPI DllMainCRTStartup(HINSTANCE self, DWORD reason, LPVOID reserved)
{
	if (reason == DLL_PROCESS_ATTACH) {
		wines_set_information = replace("NtSetInformationFile", set_information_file);
		wines_create_pipe = replace("NtCreateNamedPipeFile", create_named_pipe);
	}
	return TRUE;
}
