/** The ERP's web user exchanging names in a folder of his for a link, again and again, as fast as he can. */

/** Of Debian's www-data. */
export const WEB_USER = 33;

/** renameat2(2) by the machine's architecture: perl knows no name for it. */
const RENAMEAT2: Readonly<Record<string, number>> = { x86_64: 316, aarch64: 276 };
const PERL = "/usr/bin/perl";

/** Why that cannot be done here; undefined where it can. */
export function whyNoExchange(): string | undefined {
  if (Deno.uid() !== 0) return "only root has something to lose to another user";
  return RENAMEAT2[Deno.build.arch] === undefined
    ? `renameat2 is not known for ${Deno.build.arch}`
    : undefined;
}

/** Exchanges every name in FOLDER that begins with PREFIX for the one named LINK, and back. -100 is AT_FDCWD, 2 RENAME_EXCHANGE. */
const SCRIPT = `
my ($number, $folder, $prefix, $link) = @ARGV;
chdir $folder or die $!;
$| = 1; print "ready\\n";
while (1) {
  opendir(my $names, ".") or die $!;
  for my $name (grep { index($_, $prefix) == 0 } readdir $names) {
    for (1 .. 40) {
      syscall($number + 0, -100, $name, -100, $link, 2);
      syscall($number + 0, -100, $name, -100, $link, 2);
    }
  }
}
`;

export interface Exchange extends AsyncDisposable {
  /** He stops, with each name where it belongs. */
  pause(): Promise<void>;
  resume(): void;
}

/** Begins at once. */
export async function exchanging(folder: string, prefix: string, link: string): Promise<Exchange> {
  const child = new Deno.Command(PERL, {
    args: ["-e", SCRIPT, String(RENAMEAT2[Deno.build.arch]), folder, prefix, link],
    uid: WEB_USER,
    gid: WEB_USER,
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read(); // it has begun
  return {
    async pause() {
      child.kill("SIGSTOP");
      while (!/^\d+ \(.*\) T/.test(Deno.readTextFileSync(`/proc/${child.pid}/stat`))) await Promise.resolve();
      putBack(folder, prefix, link);
    },
    resume: () => child.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

/** Where the link has another's name, they are exchanged once more. */
function putBack(folder: string, prefix: string, link: string): void {
  const at = (name: string) => `${folder}/${name}`;
  const entries = [...Deno.readDirSync(folder)];
  const exchanged = entries.find(({ name, isSymlink }) => name.startsWith(prefix) && isSymlink);
  if (!exchanged) return;
  Deno.renameSync(at(exchanged.name), at("aside"));
  if (entries.some(({ name }) => name === link)) Deno.renameSync(at(link), at(exchanged.name));
  Deno.renameSync(at("aside"), at(link));
}
