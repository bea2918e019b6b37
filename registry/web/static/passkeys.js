/* Passkeys: asks the server what to ask the device, asks the device, and sends its answer as an ordinary form.
   Without this script, or in a browser without passkeys, the forms stay hidden and the other ways in remain. */
"use strict";

(() => {
  const ways = {
    create: { parse: "parseCreationOptionsFromJSON", ask: (options) => navigator.credentials.create({ publicKey: options }) },
    get: { parse: "parseRequestOptionsFromJSON", ask: (options) => navigator.credentials.get({ publicKey: options }) },
  };
  // A passkey belongs to a name: browsers make none for a bare number.
  const isNumber = /^[0-9.]+$|:/.test(location.hostname);
  if (isNumber || !window.PublicKeyCredential || !PublicKeyCredential.parseCreationOptionsFromJSON) return;

  for (const note of document.querySelectorAll("[data-passkey-instead]")) note.hidden = true;

  const optionsOf = async (form) => {
    const answer = await fetch(form.dataset.options, {
      method: "POST",
      headers: { "X-CSRFToken": form.elements.csrf_token.value },
    });
    if (!answer.ok) throw new Error(`options: ${answer.status}`);
    const way = ways[form.dataset.passkey];
    return PublicKeyCredential[way.parse](await answer.json());
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const fault = form.querySelector("[data-passkey-fault]");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      if (form.elements.credential.value) return;
      event.preventDefault();
      fault.hidden = true;
      try {
        const credential = await ways[form.dataset.passkey].ask(await optionsOf(form));
        form.elements.credential.value = JSON.stringify(credential.toJSON());
        form.submit();
      } catch (refused) {
        fault.textContent = fault.dataset.passkeyFault;
        fault.hidden = false;
      }
    });
  }
})();
