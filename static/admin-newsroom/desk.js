/* The clocks of what is scheduled, counted on in the browser. The words stand in the page without this, as they were
   when it was made; the difference between the newsroom's clock and this one's is taken out. */
const list = document.querySelector(".due");

if (list) {
  const behind = new Date(list.dataset.now) - Date.now();
  const clocks = [...list.querySelectorAll("time")];
  const fill = (words, ...numbers) => words.replace(/\{(\d)\}/g, (_, place) => numbers[place]);

  const words = (left) => {
    const seconds = Math.floor(left / 1000);
    if (seconds < 0) return list.dataset.begun;
    const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
    if (days) return fill(list.dataset.days, days, hours);
    if (hours) return fill(list.dataset.hours, hours, minutes);
    return fill(list.dataset.minutes, minutes, seconds % 60);
  };

  const tick = () => {
    for (const clock of clocks) {
      const text = words(new Date(clock.dateTime) - Date.now() - behind);
      if (clock.textContent !== text) clock.textContent = text;
    }
  };
  tick();
  setInterval(tick, 1000);
}
