import { describe, expect, test } from "vitest";
import { invocation, UsageError } from "../../../runtime/commands/arguments.ts";

const reading = (line: string) => invocation(line === "" ? [] : line.split(" "));

describe("a command line", () => {
  test.each([
    ["-- python worker_main.py start", { command: "run", worker: ["python", "worker_main.py", "start"] }],
    ["-- node --version -- --help", { command: "run", worker: ["node", "--version", "--", "--help"] }],
    ["check", { command: "check", worker: [] }],
    ["check -- python --limit", { command: "check", worker: ["python", "--limit"] }],
    ["campaigns", { command: "campaigns", statuses: ["queued", "running", "interrupted", "quarantined"], limit: 50 }],
    ["campaigns --status all --limit 7", { limit: 7, statuses: expect.arrayContaining(["completed", "failed"]) }],
    ["campaigns --status running,failed --status queued", { statuses: ["queued", "running", "failed"] }],
    ["shifts --limit=10000", { command: "shifts", limit: 10_000 }],
    ["--help", { command: "help" }],
    ["campaigns -h", { command: "help" }],
    ["--version", { command: "version" }],
  ])("is read to the first --, and what follows is the worker's alone: %s", (line, asked) => {
    expect(reading(line)).toMatchObject(asked);
  });

  test.each([
    ["", "there is no worker to run. Write it after --: agent-runtime -- python worker_main.py"],
    ["--", "there is no worker to run. Write it after --: agent-runtime -- python worker_main.py"],
    ["python main.py", '"python" is no command of the runtime. To run a worker: agent-runtime -- python …'],
    [
      "mongodb://worker:hunter2@db/clinic",
      "the text of 34 characters (not shown) is no command of the runtime. agent-runtime --help lists what there is",
    ],
    ["run -- python main.py", '"run" is no command of the runtime. To run a worker: agent-runtime -- python …'],
    ["chekc", 'there is no "chekc". Did you mean check?'],
    ["--verbose -- python", "there is no option --verbose. agent-runtime --help lists what there is"],
    ["check --limit 3", "check: unknown option '--limit'. Possible: --help"],
    ["check python", "check: takes no arguments but options. Possible: --help"],
    ["shifts --status running", "shifts: unknown option '--status'. Possible: --help, --limit"],
    ["TOKEN=x python main.py", "TOKEN is a variable, and no program. Set it in the environment, as the Job does"],
    ["-- TOKEN=x python main.py", "TOKEN is a variable, and no program. Set it in the environment, as the Job does"],
    ["shifts --limit -3", "shifts: option '--limit' argument is ambiguous. Possible: --help, --limit"],
    ["shifts --limit 0", '--limit "0" is not a number of rows. Give 1 to 10000'],
    ["campaigns --limit -- x", "campaigns starts nothing. Leave out what follows --"],
    [
      "campaigns --status runing",
      '--status "runing" is not a status. Give queued, running, interrupted, quarantined, completed, failed or all',
    ],
  ])("that means nothing is told in one line what to write instead: %s", (line, told) => {
    const refused = () => reading(line);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(new UsageError(told));
  });

  test.each([
    "python w.py --token=S3CRET",
    "python --token S3CRET",
    "TOKEN=S3CRET python w.py",
    "run -- python --token S3CRET",
    "-- TOKEN=S3CRET python w.py",
    "check -- TOKEN=S3CRET python w.py",
    "--livekit-api-secret=S3CRET",
    "--token S3CRET",
    "-pS3CRET",
    "check S3CRET",
    "check --token=S3CRET",
    "check -pS3CRET",
    "check --help=S3CRET",
    "check --token=it's.&S3CRET",
    "campaigns --status S3CRET",
    "campaigns --status=queued,S3CRET",
    "campaigns --limit S3CRET",
    "shifts --limit=S3CRET",
    "shifts S3CRET -- x",
  ])("that means nothing brings no secret into a log: %s", (line) => {
    const refused = () => invocation(line.split(" ").map((argument) => argument.replace("&", " ")));
    expect(refused).toThrow(UsageError);
    expect(refused).not.toThrow(/S3CRET/);
  });
});
