/** Files whose texts are views, as polars writes them. */
import { readFileSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../helpers/temporary-folder.ts";
import { withViews } from "../helpers/view-stream.ts";
import { writeRun } from "./models.ts";
import { runCli } from "./run-cli.ts";

const folder = temporaryFolder();
const note = "a note of more than twelve bytes";

beforeEach(async () => {
  await writeRun(folder.at("plain.arrow"), { epoch: 3, note }, { checksum: true });
  writeFileSync(folder.at("views.arrow"), withViews(readFileSync(folder.at("plain.arrow"))));
});

describe("files whose texts are views", () => {
  it("are inspected, with their types and the names of arrays", async () => {
    const { columns, rows } = JSON.parse((await runCli("inspect", "--json", folder.at("views.arrow"))).out);
    const typeOf = (wanted: string) => columns.find(({ name }: { name: string }) => name === wanted).type;
    expect([typeOf("note"), typeOf("weights_names")]).toEqual(["string view?", "list<string view?>?"]);
    expect(rows[0].values.note).toBe(note);
    expect((await runCli("inspect", folder.at("views.arrow"))).out).toMatch(/kernel/);
    const polars = await runCli("inspect", "test/golden/polars/views_model.arrow");
    expect(polars).toMatchObject({ code: 0, err: "", out: expect.stringMatching(/kernel of a long name/) });
  });

  it("are listed by what their texts say", async () => {
    const { code, out } = await runCli("ls", folder.at(), "--where", `note == "${note}" && epoch == 3`, "--json");
    expect([code, JSON.parse(out).length]).toEqual([0, 2]);
    expect((await runCli("ls", "test/golden/polars/views_model.arrow")).code).toBe(0);
  });

  it("are valid, and hold the same as files of plain texts", async () => {
    expect(await runCli("validate", folder.at())).toMatchObject({ code: 0, out: expect.stringMatching(/2 checksums/) });
    const { code, out } = await runCli("diff", folder.at("plain.arrow"), folder.at("views.arrow"));
    expect(code).toBe(1);
    expect(out).toMatch(/retyped +note +string\?: "a note .* string view\?: "a note /);
    expect(out).toMatch(/2 arrays identical/);
  });

  it("are joined as plain texts where that is allowed", async () => {
    const cat = (...flags: string[]) => runCli("cat", folder.at("views.arrow"), "-o", folder.at("out.arrow"), ...flags);
    expect(await cat()).toMatchObject({
      code: 3,
      err: expect.stringMatching(/"note": string view becomes string.*--retype/s),
    });
    expect(await cat("--retype")).toMatchObject({ code: 0, err: "" });
    expect(await runCli("diff", folder.at("plain.arrow"), folder.at("out.arrow"))).toMatchObject({ code: 0 });
  });
});
