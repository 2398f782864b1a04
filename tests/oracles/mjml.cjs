// Lay out the MJML documents of a JSON list on stdin as the reference mjml does; print their HTML as a JSON list.
const mjml2html = require("mjml-core").default;
const preset = require("mjml-preset-core");

const sources = JSON.parse(require("fs").readFileSync(0, "utf8"));
const options = { presets: [preset], fonts: {}, validationLevel: "strict", keepComments: true };
process.stdout.write(JSON.stringify(sources.map((source) => mjml2html(source, options).html)));
