// Drives an SMSC with the npm package `smpp`: node client.js PORT STEPS
//
// STEPS is a JSON list. A step is {"call": operation, "with": fields}, whose response is printed, or
// {"receive": n}, which waits until n deliver_sm have come in all. Each of those is answered and printed
// as it comes. "$0" in a field stands for the message_id of the first submit, and so on; {"udh": hex,
// "message": text} is a part of a long message. One JSON object a line; exit status 0 if all went well.
'use strict';

const smpp = require('smpp');

const [port, steps] = [Number(process.argv[2]), JSON.parse(process.argv[3])];
const ids = [];
let received = 0;
let wanted = () => {};

function print(pdu) {
  const said = {};
  for (const [name, value] of Object.entries(pdu)) {
    said[name] = Buffer.isBuffer(value) ? value.toString('hex') : value;
  }
  process.stdout.write(JSON.stringify(said) + '\n');
}

function filled(fields) {
  const out = {};
  for (const [name, value] of Object.entries(fields || {})) {
    if (typeof value === 'string' && /^\$\d+$/.test(value)) out[name] = ids[Number(value.slice(1))];
    else if (value && value.udh) out[name] = { udh: Buffer.from(value.udh, 'hex'), message: value.message };
    else out[name] = value;
  }
  return out;
}

const session = smpp.connect({ host: '127.0.0.1', port }, run);

session.on('error', (error) => {
  process.stderr.write(String(error) + '\n');
  process.exit(1);
});
session.on('deliver_sm', (pdu) => {
  print(pdu);
  session.send(pdu.response());
  received += 1;
  wanted();
});
session.on('enquire_link', (pdu) => {
  print(pdu);
  session.send(pdu.response());
});

function call(step) {
  return new Promise((resolve) => session[step.call](filled(step.with), resolve));
}

function receive(count) {
  return new Promise((resolve) => {
    wanted = () => received >= count && resolve();
    wanted();
  });
}

async function run() {
  // `at once`: requests that don't wait for one another's responses.
  for (const step of steps) {
    if (step.receive) {
      await receive(step.receive);
      continue;
    }
    const answers = await Promise.all((step.at_once || [step]).map(call));
    for (const answer of answers) {
      if (answer.message_id && /^(submit|data)/.test(answer.command)) ids.push(answer.message_id);
      print(answer);
    }
  }
  session.close(() => process.exit(0));
}
