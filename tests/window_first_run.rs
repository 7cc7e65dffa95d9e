//! The first run in the real window: photos that are there already, a bucket that is not, words
//! that are asked back, a kit for paper; then the same vault on another computer, from its words.

use crate::roundtrip::sample_card;
use crate::support::desktop::Desktop;
use crate::support::garage::Garage;
use crate::support::program::{Bucket, Place};
use crate::window::confirm_words;

async fn fill_bucket(desktop: &Desktop, bucket: &Bucket) {
    desktop.press("Garage").await;
    desktop.fill("endpoint", &bucket.endpoint).await;
    let region = desktop.js("return document.querySelector('[name=region]').value").await;
    assert_eq!(region, bucket.region.as_str(), "what is usual stands there");
    desktop.fill("bucket", &bucket.bucket).await;
}

/// A picture of the grid that has its pixels.
const PICTURES: &str = "
    const seen = [...document.querySelectorAll('[role=option] img')];
    return seen.length > 3 && seen.every((img) => img.complete && img.naturalWidth > 0);";

#[test]
fn a_new_user_comes_from_a_folder_of_photos_to_a_vault_and_to_another_computer() {
    let place = Place::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let garage = runtime.block_on(Garage::start(&["another"]));
    garage.may_make_buckets();
    let truth = sample_card(&place, 6);
    let fresh = Bucket { bucket: "ada-photos".to_owned(), ..Bucket::from(&garage) };
    let studio = place.computer("studio").with(fresh.clone());
    let laptop = place.computer("laptop").with(fresh.clone());

    let words = runtime.block_on(async {
        let desktop = Desktop::open(&studio).await;
        desktop.until_text("Where should your photos live?").await;
        desktop.find("[value=adopt]").await.click().await.unwrap();
        desktop.fill("library", truth.root.to_str().unwrap()).await;
        desktop.picture("first-adopt").await;
        desktop.press("Begin").await;
        let files = truth.files().count();
        desktop.until_text(&format!("{files} files taken in")).await;
        desktop.picture("first-adopted").await;
        desktop.press("Continue").await;

        desktop.until_text("Where should the second copy go?").await;
        desktop.press("Wasabi").await;
        desktop.until_text("7.99 a month").await;
        desktop.press("Amazon S3").await;
        desktop.fill("bucket", "ada-photos").await;
        desktop.find("details:first-of-type summary").await.click().await.unwrap();
        desktop.until_text("arn:aws:s3:::ada-photos").await;
        desktop.picture("first-provider").await;
        fill_bucket(&desktop, &fresh).await;
        desktop.press("Check the bucket").await;
        desktop.until_text("it has no bucket “ada-photos”").await;
        desktop.picture("first-missing").await;
        desktop.press("Make the bucket").await;
        desktop.until_text("This bucket can hold your photos").await;
        desktop.picture("first-checked").await;
        desktop.press("Connect").await;
        desktop.until_text("Your 24 words").await;
        desktop.picture("first-words").await;
        desktop.press("I have written them down").await;
        desktop.press("Compare").await;
        desktop.until_text("Not this one").await;
        desktop.picture("first-asked").await;
        desktop.press("Show the words again").await;
        let words = confirm_words(&desktop).await;
        desktop.until_text("Your recovery kit").await;
        let kit = desktop.js("return document.querySelector('.kit').innerText").await;
        let kit = kit.as_str().unwrap();
        for fact in [fresh.endpoint.as_str(), "ada-photos", "garage"] {
            assert!(kit.contains(fact), "{fact} is missing:\n{kit}");
        }
        assert!(words.iter().all(|word| kit.contains(word)), "{kit}");
        desktop.find(".kit svg").await;
        desktop.picture("first-kit").await;
        desktop.press("Continue").await;
        desktop.until("pictures", PICTURES).await;
        desktop.press("Back up now").await;
        desktop.until_text("Backup up to date").await;
        desktop.picture("first-library").await;
        let text = desktop.js("return document.documentElement.outerHTML").await;
        let pair = format!("{} {}", words[0], words[1]);
        assert!(!text.as_str().unwrap().contains(&pair), "the words are gone from the window");
        desktop.close().await;
        words
    });
    let status = studio.json(&["vault", "status"]);
    assert_eq!(status["library"], truth.root.to_str().unwrap(), "nothing was moved");

    runtime.block_on(async {
        let desktop = Desktop::open(&laptop).await;
        desktop.until_text("Where should your photos live?").await;
        desktop.find("[value=open]").await.click().await.unwrap();
        desktop.fill("library", laptop.library.to_str().unwrap()).await;
        desktop.press("Begin").await;
        desktop.until_text("Open a vault").await;
        fill_bucket(&desktop, &fresh).await;
        desktop.press("Check the bucket").await;
        desktop.until_text("This bucket can hold your photos").await;
        let mut misread = words.clone();
        misread[0] = "abendon".to_owned();
        desktop.fill("words", &misread.join(" ")).await;
        desktop.press("Open the vault").await;
        desktop.until_text("The recovery words are not right.").await;
        desktop.picture("first-wrong-words").await;
        desktop.fill("words", &words.join(" ")).await;
        desktop.press("Open the vault").await;
        desktop.until_text("Your vault is open").await;
        desktop.picture("first-opened").await;
        desktop.press("Show the photos").await;
        desktop.until("pictures from the bucket", PICTURES).await;
        desktop.press("Home").await;
        desktop.until_text("not on this computer").await;
        desktop.picture("first-not-here").await;
        desktop.press("Bring back").await;
        desktop.until_text("Everything is safe in two places.").await;
        desktop.picture("first-brought-back").await;
        desktop.close().await;
    });
    assert!(laptop.lines(&["list", "status:missing"]).is_empty(), "every original came back");
}
