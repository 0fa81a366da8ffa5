import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Temporal } from "temporal-polyfill";
import { afterEach, describe, expect, test } from "vitest";
import { conclusion, type Outcome, repeatVerdict, scheduleTime, shownAnswer } from "../../scripts/round-request.ts";

const script = fileURLToPath(new URL("../../scripts/trigger-round.ts", import.meta.url));
type Handler = (request: http.IncomingMessage, response: http.ServerResponse, body: string) => void;
type Seen = { method: string | undefined; url: string | undefined; headers: http.IncomingHttpHeaders; body: string };

const started: (http.Server | ChildProcess)[] = [];
afterEach(() => {
  for (const one of started.splice(0)) {
    if (one instanceof http.Server) one.close().closeAllConnections();
    else one.kill();
  }
});

async function agent(handle: Handler) {
  const seen: Seen[] = [];
  const server = http.createServer(async (request, response) => {
    const body = (await request.setEncoding("utf8").toArray()).join("");
    seen.push({ method: request.method, url: request.url, headers: request.headers, body });
    handle(request, response, body);
  });
  started.push(server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  return { server, seen, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function trigger(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, ...env } });
  started.push(child);
  const read = async (stream: AsyncIterable<Buffer>) => {
    let text = "";
    for await (const part of stream) text += part;
    return text;
  };
  const [out, err, [code]] = await Promise.all([read(child.stdout), read(child.stderr), once(child, "close")]);
  return { out: out.replaceAll(/\n {18}/g, " "), err: err.replaceAll(/\n {6,}/g, " "), code: code as number };
}

const answers =
  (status: number, body: unknown = {}, headers: http.OutgoingHttpHeaders = {}): Handler =>
  (_request, response) =>
    void response.writeHead(status, headers).end(JSON.stringify(body));
const nobody = "http://127.0.0.1:9";

describe("the request", () => {
  test("an agent rehearses exactly what Cloud Scheduler sends in production", async () => {
    const { seen, url } = await agent(answers(200));
    const { code } = await trigger(["--hour", "20", "--environment", "prod", "--url", `${url}/rounds`]);
    expect(code).toBe(0);
    const [{ headers, ...request }] = seen as [Seen];
    const { connection, host, "x-cloudscheduler-scheduletime": at, ...sent } = headers;
    expect(request).toEqual({
      method: "POST",
      url: "/rounds",
      body: '{"scheduleHour":20,"timezone":"America/New_York","triggerType":"scheduled","source":"cloud-scheduler","environment":"prod"}',
    });
    expect(sent).toEqual({
      "content-type": "application/json",
      "content-length": "123",
      "user-agent": "Google-Cloud-Scheduler",
      "x-cloudscheduler": "true",
      "x-cloudscheduler-jobname": "careflow-evening-rounds",
    });
    expect(at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    const local = Temporal.Instant.from(String(at)).toZonedDateTimeISO("America/New_York");
    expect(local.toPlainTime().toString()).toBe("20:15:00");
  });

  test("one hospital's round is not taken for a duplicate of another's", async () => {
    const { seen, url } = await agent(answers(200));
    const { code } = await trigger(["--hour=9", "--round=early", "--hospital=hospital-a=hosp-001", "--url", url]);
    expect(code).toBe(0);
    expect(seen[0]?.headers["x-cloudscheduler-jobname"]).toBe("careflow-early-rounds-hospital-a");
    expect(JSON.parse(seen[0]?.body ?? "")).toMatchObject({ scheduleHour: 9, hospitalId: "hosp-001" });
  });

  test.each([
    ["winter", "2026-01-15T12:00Z", 8, 15, "America/New_York", "2026-01-15T13:15:00Z", undefined],
    ["summer", "2026-07-15T12:00Z", 8, 15, "America/New_York", "2026-07-15T12:15:00Z", undefined],
    [
      "the clinic's today, not Greenwich's",
      "2026-01-15T02:00Z",
      20,
      15,
      "America/New_York",
      "2026-01-15T01:15:00Z",
      undefined,
    ],
    ["the clinic's tomorrow", "2026-01-15T20:00Z", 0, 5, "Asia/Karachi", "2026-01-15T19:05:00Z", undefined],
    ["after the spring change", "2026-03-08T12:00Z", 8, 15, "America/New_York", "2026-03-08T12:15:00Z", undefined],
    ["after the autumn change", "2026-11-01T12:00Z", 8, 15, "America/New_York", "2026-11-01T13:15:00Z", undefined],
    ["a skipped hour", "2026-03-08T12:00Z", 2, 15, "America/New_York", "2026-03-08T07:00:00Z", "skip"],
    ["a skipped half", "2027-03-14T12:00Z", 2, 30, "America/New_York", "2027-03-14T07:00:00Z", "skip"],
    ["a repeated hour", "2026-11-01T12:00Z", 1, 15, "America/New_York", "2026-11-01T05:15:00Z", "repeat"],
  ])("a round keeps its local hour: %s", (_case, now, hour, minute, timeZone, at, warning) => {
    const time = scheduleTime(Date.parse(now), { at: hour * 60 + minute, timeZone });
    expect(time.at).toBe(at);
    expect(time.warning?.match(/skip|repeat/)?.[0]).toBe(warning);
  });
});

describe("a dropped connection", () => {
  test("an agent that works on after the disconnect is told from one that died", async () => {
    let aborted = false;
    const finished = Promise.withResolvers<void>();
    const { url } = await agent((_request, response) => {
      response.on("close", () => {
        aborted = !response.writableFinished;
        setTimeout(finished.resolve, 20);
      });
    });
    const { code, out } = await trigger(["--hour", "8", "--url", url, "--disconnect-after", "50ms"]);
    await finished.promise;
    expect(aborted).toBe(true);
    expect(out).toMatch(/disconnected on purpose, after \d+ms/);
    expect(out).toContain("still accepts connections");
    expect(out).toContain("callsInitiated");
    expect(code).toBe(0);
  });

  test("an agent that dies with the request does not pass", async () => {
    const { url, server } = await agent((_request, response) => void response.on("close", () => server.close()));
    const { code, out } = await trigger(["--hour", "8", "--url", url, "--disconnect-after", "300ms"]);
    expect(out).toContain("accepts NO connection");
    expect(code).toBe(1);
  });

  test("an answer before the disconnect is not reported as a disconnect that was survived", async () => {
    const { url } = await agent(answers(202));
    const { code, out } = await trigger(["--hour", "8", "--url", url, "--disconnect-after", "10s"]);
    expect(out).toContain("it came before the disconnect");
    expect(code).toBe(0);
  });
});

describe("a repeated round", () => {
  test("a retry after the deadline can be told from a new round: same job, same schedule time", async () => {
    const { seen, url } = await agent((_request, response) => {
      if (seen.length > 1) response.end('{"status":"already_running","duplicate":true}');
    });
    const { code, out } = await trigger(["--hour", "8", "--url", url, "--disconnect-after", "50ms", "--repeat", "2"]);
    expect(seen).toHaveLength(3);
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(out.match(/answered as a duplicate: the agent says so/g)).toHaveLength(2);
    expect(code).toBe(0);
  });

  test("an agent that calls the patients again does not pass", async () => {
    const { seen, url } = await agent((_request, response) => {
      if (seen.length > 1) setTimeout(() => response.end("{}"), 400);
    });
    const { code, out } = await trigger(["--hour", "8", "--url", url, "--disconnect-after", "50ms", "--repeat", "1"]);
    expect(out).toContain("NOT answered as a duplicate");
    expect(code).toBe(1);
  });

  const cut = (afterMs: number): Outcome => ({ kind: "disconnected", afterMs });
  const answered = (afterMs: number, status = 200, body: unknown = {}): Outcome => {
    return { kind: "answered", status, afterMs, answer: { text: JSON.stringify(body), bytes: 2 } };
  };
  test.each([
    ["its own word", answered(90_000), answered(80_000, 200, { duplicate: true }), true, /says so/],
    [
      "409 for a duplicate, which is retried",
      answered(90_000),
      answered(5, 409, { duplicate: true }),
      false,
      /NOT acknowledged/,
    ],
    ["quick after a long round", answered(90_000), answered(20), true, /by its speed/],
    ["as long as the round", answered(90_000), answered(85_000), false, /twice/],
    ["quick after a cut round", cut(10_000), answered(20), true, /by its speed/],
    ["both at once", answered(20), answered(10), true, /unclear/],
    ["a first that failed", answered(20, 500), answered(90_000), true, /unclear, the first delivery failed/],
  ])("a second call to a patient is not taken for a duplicate: %s", (_case, first, again, good, says) => {
    expect(repeatVerdict(first, again)).toMatchObject({ good, says: expect.stringMatching(says) });
    expect(repeatVerdict(first, again).unclear === true).toBe(/unclear/.test(says.source));
  });
});

describe("the verdict", () => {
  test.each([
    [409, "answer 2xx to a round that is already running"],
    [500, "sent again after 60 s, 120 s and 240 s"],
    [403, "roles/run.invoker"],
  ])("an agent that answers %i learns that its patients are called again", async (status, says) => {
    const { url } = await agent(answers(status));
    const { code, out } = await trigger(["--hour", "8", "--url", url]);
    expect(out).toContain(`answered ${status}`);
    expect(out).toContain("a failed attempt");
    expect(out).toContain(says);
    expect(code).toBe(1);
  });

  test("a redirect does not carry a rehearsal to a real agent", async () => {
    const real = await agent(answers(200));
    const { url } = await agent(answers(307, {}, { location: real.url }));
    const { code, out } = await trigger(["--hour", "8", "--url", url]);
    expect(real.seen).toEqual([]);
    expect(out).toContain("It would follow a redirect first");
    expect(code).toBe(1);
  });

  test("a silent agent is not waited for beyond the deadline, and is not thought to be idle", async () => {
    const { url } = await agent(() => {});
    const { code, out } = await trigger(["--hour", "8", "--url", url, "--deadline", "80ms"]);
    expect(out).toContain("DEADLINE_EXCEEDED");
    expect(out).toContain("may still be calling patients");
    expect(code).toBe(1);
  });

  test("an answer that begins with 200 and never ends is no acknowledgement", async () => {
    const { url } = await agent((_request, response) => response.write("{", () => response.destroy()));
    const { code, out } = await trigger(["--hour", "8", "--url", url]);
    expect(out).toContain("no answer: ECONNRESET");
    expect(code).toBe(1);
  });

  test("an agent that was not started is named as the reason", async () => {
    const { code, out, err } = await trigger(["--hour", "8", "--url", nobody]);
    expect(out).toContain("ECONNREFUSED");
    expect(out).toContain("start it, or look at --url");
    expect(err).not.toContain("    at ");
    expect(code).toBe(1);
  });

  test("every 2xx acknowledges, and nothing else does", () => {
    const good = [199, 200, 202, 204, 299, 300, 304, 404, 429, 503].filter(
      (status) => conclusion({ kind: "answered", status, afterMs: 1, answer: { text: "", bytes: 0 } }).good,
    );
    expect(good).toEqual([200, 202, 204, 299]);
  });
});

describe("what is shown", () => {
  test.each([
    [
      { patientsQueried: 45, callsInitiated: 42, status: "COMPLETED" },
      "patientsQueried 45, callsInitiated 42, status COMPLETED",
    ],
    [{ status: "called Ada Lovelace" }, "nothing known to be harmless"],
    [{ status: "+1 555 123 4567", patientsQueried: 15551234567 }, "nothing known to be harmless"],
    [{ status: "ok \u001b[31m", callsInitiated: "42\u0007" }, "nothing known to be harmless"],
    [{ "Ada +15551234567": true, patient: { status: "ok" } }, "nothing known to be harmless"],
    [["ok"], "nothing known to be harmless"],
  ])("no patient's name or number reaches a terminal: %j", (body, shown) => {
    const text = JSON.stringify(body);
    expect(shownAnswer({ text, bytes: text.length })).toBe(
      `${shown} (${text.length} bytes in all, the rest is not shown)`,
    );
  });

  test("a token reaches the agent and no screen, even when the agent sends it back", async () => {
    const token = "eyJhbGciOiJSUzI1NiJ9.secret_part-1.signature";
    const { seen, url } = await agent(answers(500, { status: token, [token]: token }, { "x-echo": token }));
    const { out, err } = await trigger(["--hour", "8", "--url", url, "--id-token-env", "TOKEN"], {
      TOKEN: `${token}\n`,
    });
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(out + err).not.toContain("secret_part");
    expect(out).toContain("answered 500");

    const mistaken = await trigger([
      "--hour",
      "8",
      "--id-token-env",
      token,
      token,
      `--${token}`,
      `--token=${token}`,
      "--url",
      nobody,
    ]);
    expect(mistaken.code).toBe(2);
    expect(mistaken.out + mistaken.err).not.toContain("secret_part");
  });
});

describe("wrong usage", () => {
  test("nobody is called by mistake: an agent elsewhere needs a yes, https, and an address without secrets", async () => {
    const far = await trigger(["--hour", "8", "--url", "http://ann:hunter2@example.com/?key=abc"]);
    expect(far).toMatchObject({ code: 2, out: "" });
    for (const says of ["add --yes-call-patients", "not https", "it holds credentials, a query"]) {
      expect(far.err).toContain(says);
    }
    expect(far.err).not.toMatch(/hunter2|abc/);
    const plain = await trigger(["--hour", "8", "--url", "http://example.com", "--yes-call-patients"]);
    expect(plain).toMatchObject({ code: 2, out: "", err: expect.stringContaining("1 problem\n") });
    const alike = await trigger(["--hour", "8", "--url", "https://127.0.0.1.example.com"]);
    expect(alike).toMatchObject({ code: 2, out: "", err: expect.stringContaining("add --yes-call-patients") });
  });

  test("all mistakes are told at once, with the way out and without a stack, and nothing is sent", async () => {
    const { seen, url } = await agent(answers(200));
    const { code, out, err } = await trigger(
      [
        "--url",
        url,
        "--hour=25",
        "--minute=60",
        "--repeat=9",
        "--deadline=2h",
        "--disconnect-after",
        "--time-zone=Mars/Base",
      ].concat(
        [
          "--environment=production",
          "--name=A_b",
          "--hospital=hosp-001",
          "--id-token-env=UNSET_TOKEN",
          "--yes-call-patients=1",
        ],
        ["--disconect-after=1s"],
      ),
    );
    expect({ code, out, sent: seen.length }).toEqual({ code: 2, out: "", sent: 0 });
    const [head, , ...lines] = err.trimEnd().split("\n");
    const rows = lines.slice(0, -2);
    expect(head).toBe("nothing was sent: 12 problems");
    expect(lines.at(-1)).toBe("--help shows the options");
    expect(rows.map((row) => row.trim().split(" ")[0])).toEqual(
      "deadline disconect-after disconnect-after environment hospital hour id-token-env minute name repeat time-zone yes-call-patients"
        .split(" ")
        .map((name) => `--${name}`),
    );
    expect(err).toContain("--hour               cannot be 25. It is: the round's local hour, 0 to 23.");
    expect(err).toContain("Did you mean --disconnect-after?");
  });

  test.each([
    ["--time-zone=EST", "ignores summer time"],
    ["--time-zone=America/New_Yrok", "Did you mean America/New_York?"],
    ["--time-zone=eyJhbGciOiJSUzI1NiJ9.secret_part", "cannot be this value"],
    ["--url=http://localhost:8001/?key=abc", "a query"],
    ["--hour=9", "--round  is missing, and known for the hours 8, 12 and 20 only."],
  ])("%s is refused in the words of the settings, or hidden", async (option, says) => {
    const { code, out, err } = await trigger(["--hour=8", option]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain("1 problem\n");
    expect(err).toContain(says);
    expect(err).not.toMatch(/secret_part|abc/);
  });

  test("a round without an hour is not guessed", async () => {
    const { code, err } = await trigger([]);
    expect(code).toBe(2);
    expect(err).toContain("--hour  is missing");
  });

  test("the help warns that a round phones patients", async () => {
    const { code, out, err } = await trigger(["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("A repeated round phones them again.");
    expect(out).toMatch(/--yes-call-patients +allow an agent that is not on this machine/);
  });
});
