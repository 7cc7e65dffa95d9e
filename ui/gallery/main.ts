const place = document.getElementById('gallery');
if (place) place.textContent = 'Photos';
