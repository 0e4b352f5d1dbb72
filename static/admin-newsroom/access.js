// Security keys (what the server asks is in data-options, what the key answers goes into the field "credential"), and
// the form that gives back what was typed, which sends itself.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withBytes = (list) => list?.map((item) => ({ ...item, id: bytes(item.id) }));

async function asked(kind, { publicKey }) {
  const options = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (kind === "create") {
    options.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
    options.excludeCredentials = withBytes(publicKey.excludeCredentials);
    return navigator.credentials.create({ publicKey: options });
  }
  options.allowCredentials = withBytes(publicKey.allowCredentials);
  return navigator.credentials.get({ publicKey: options });
}

function answer(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

for (const form of document.querySelectorAll("form[data-key]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const failed = form.querySelector("[data-failed]");
    failed.hidden = true;
    try {
      const credential = await asked(form.dataset.key, JSON.parse(form.dataset.options));
      form.elements.credential.value = JSON.stringify(answer(credential));
      form.submit();
    } catch {
      failed.hidden = false;
    }
  });
}

document.querySelector("form[data-send]")?.requestSubmit();
