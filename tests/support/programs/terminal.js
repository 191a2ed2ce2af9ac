// Runs a line in a terminal of this user's JupyterLab; resolves to what it printed.
async ({ base, line, end }) => {
  const cookie = document.cookie.split("; ").filter((one) => one.startsWith("_xsrf="));
  const headers = { "X-XSRFToken": cookie.length ? cookie[0].slice(6) : "" };
  const made = await fetch(`${base}api/terminals`, { method: "POST", headers });
  if (!made.ok) throw new Error(`no terminal: ${made.status} ${await made.text()}`);
  const { name } = await made.json();
  const address = `${location.origin.replace("http", "ws")}${base}terminals/websocket/${name}`;
  const socket = new WebSocket(address);
  const said = await new Promise((resolve, reject) => {
    let text = "";
    socket.onerror = () => reject(new Error("the terminal is gone"));
    socket.onmessage = ({ data }) => {
      const [kind, content] = JSON.parse(data);
      if (kind === "setup") socket.send(JSON.stringify(["stdin", `${line}\r`]));
      if (kind === "stdout") text += content;
      if (text.includes(end)) resolve(text);
    };
  });
  socket.close();
  await fetch(`${base}api/terminals/${name}`, { method: "DELETE", headers });
  return said;
};
