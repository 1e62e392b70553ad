/**
 * Joins a channel, prints what is said on it, and says hello.
 *
 *   npm start                                                             (in another terminal)
 *   node --conditions=@anywire/source examples/hello.ts "$(npm run --silent anywire -- token --account bob)"
 */
import { createClient } from "@anywire/client";

const [token = "", url = "http://localhost:4000"] = process.argv.slice(2);

const client = createClient({ url, token });
client.connect();
const lobby = client.channel("production.group.lobby");
lobby.on("message", ({ sender, data }) => console.log(sender, data.text));
lobby.subscribe();
await lobby.send("Hello");
