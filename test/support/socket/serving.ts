import { afterEach, beforeEach } from "vitest";
import type { Fields, Log } from "../../../runtime/ports.ts";
import type { Standing } from "../../../runtime/socket/probe.ts";
import { openSocket, type WorkerSocket } from "../../../runtime/socket/server.ts";
import { exchange } from "./exchange.ts";
import { realClock } from "./real-clock.ts";
import { ScriptedCampaigns } from "./scripted-campaigns.ts";

/** A worker's socket, opened anew for each test of the file, over campaigns that do what the test says. */
export class Serving {
  campaigns = new ScriptedCampaigns();
  standing: Standing = { ready: true, details: {} };
  logged: { message: string; fields: Fields | undefined }[] = [];
  #socket: WorkerSocket | undefined;

  constructor() {
    beforeEach(async () => {
      this.campaigns = new ScriptedCampaigns();
      this.standing = { ready: true, details: {} };
      this.logged = [];
      const log: Log = (_, __, message, fields) => this.logged.push({ message, fields });
      const { campaigns } = this;
      this.#socket = await openSocket({ campaigns, clock: realClock(), log, probe: () => this.standing });
    });
    afterEach(() => this.#socket?.close());
  }

  get path(): string {
    if (this.#socket === undefined) throw new Error("a socket before its test");
    return this.#socket.path;
  }

  readonly ask = (call: string, body?: unknown) => exchange(this.path, call, body);
}
