//! `darkslide bucket`: what a bucket does, making it, the rights it needs, what it costs.

use darkslide_core::error::{Code, Error, Result};
use darkslide_core::store::{BucketCheck, Mark, PROVIDERS, Price, Provider, provider_of};
use darkslide_core::vault::{
    BucketChoice, Settings, Vault, check_bucket, harden_bucket, make_bucket,
};
use serde::Serialize;
use serde_json::json;

use crate::args::{Bucket, WhichBucket};
use crate::report::{Outcome, Report, size};

#[derive(Debug, thiserror::Error)]
enum BucketError {
    #[error("which bucket? give one with --bucket")]
    NoName,
    #[error("there is no provider {0:?}: {known}", known = known())]
    NoProvider(String),
}

fn known() -> String {
    PROVIDERS.iter().map(|provider| provider.id).collect::<Vec<_>>().join(", ")
}

pub fn bucket(settings: Settings, command: Bucket, report: &Report) -> Result<Outcome> {
    match command {
        Bucket::Check { which } => {
            let (settings, bucket) = reached(settings, which)?;
            let check = check_bucket(&settings, &bucket)?;
            report.result(&check, || text(&check));
            Ok(Outcome::clean_if(check.usable))
        }
        Bucket::Create { which } => {
            let (settings, bucket) = reached(settings, which)?;
            make_bucket(&settings, &bucket)?;
            let check = check_bucket(&settings, &bucket)?;
            report.result(&check, || text(&check));
            Ok(Outcome::clean_if(check.usable))
        }
        Bucket::Harden { which } => {
            let (settings, bucket) = reached(settings, which)?;
            let before = check_bucket(&settings, &bucket)?;
            harden_bucket(&settings, &bucket, &before.can_set)?;
            let check = check_bucket(&settings, &bucket)?;
            report.result(&json!({ "set": before.can_set, "check": check }), || text(&check));
            Ok(Outcome::clean_if(check.usable))
        }
        Bucket::Policy { provider, bucket } => policy(settings, provider, bucket, report),
        Bucket::Cost { size } => cost(settings, size, report),
    }
}

/// The bucket that was named, or this home's, with the keys for it.
fn reached(settings: Settings, which: WhichBucket) -> Result<(Settings, BucketChoice)> {
    let WhichBucket { endpoint, region, bucket, root, profile } = which;
    let (Some(endpoint), Some(bucket)) = (endpoint, bucket) else {
        let vault = Vault::open(settings)?;
        let bucket = BucketChoice { profile, ..vault.bucket()? };
        let settings = vault.settings_of_bucket()?;
        return Ok((settings, bucket));
    };
    let bucket = BucketChoice { endpoint, region, bucket, share_bucket: None, root, profile };
    Ok((settings, bucket))
}

fn text(check: &BucketCheck) -> String {
    let mut text = String::new();
    for finding in &check.findings {
        let mark = match finding.mark {
            Mark::Good => "good   ",
            Mark::Note => "note   ",
            Mark::Bad => "BAD    ",
            Mark::Unknown => "unknown",
        };
        text += &format!("{mark}  {}\n", finding.says);
    }
    text += match (check.usable, check.missing) {
        (true, _) => "Photos may go there.",
        (false, true) => "`darkslide bucket create` makes it, where the keys may.",
        (false, false) => "Photos must not go there before what is BAD is mended.",
    };
    if check.usable && !check.can_set.is_empty() {
        text += "\n`darkslide bucket harden` sets what can be set from here.";
    }
    text
}

fn policy(
    settings: Settings,
    provider: Option<String>,
    mut buckets: Vec<String>,
    report: &Report,
) -> Result<Outcome> {
    let usage = |error: BucketError| Error::new(Code::Usage, error);
    let own = if buckets.is_empty() || provider.is_none() {
        Vault::open(settings).and_then(|vault| vault.bucket()).ok()
    } else {
        None
    };
    if let (true, Some(own)) = (buckets.is_empty(), &own) {
        buckets = std::iter::once(&own.bucket).chain(&own.share_bucket).cloned().collect();
    }
    if buckets.is_empty() {
        return Err(usage(BucketError::NoName));
    }
    let provider = match (provider, own) {
        (Some(id), _) => PROVIDERS
            .iter()
            .find(|provider| provider.id == id)
            .ok_or_else(|| usage(BucketError::NoProvider(id)))?,
        (None, Some(own)) => provider_of(&own.endpoint),
        (None, None) => Provider::named("other"),
    };
    let names: Vec<&str> = buckets.iter().map(String::as_str).collect();
    let policy = provider.policy(&names);
    let value = json!({ "provider": provider.id, "how": policy.how, "text": policy.text });
    report.result(&value, || format!("{}\n\n{}", policy.how, policy.text));
    Ok(Outcome::Clean)
}

/// A line of the list of costs.
#[derive(Serialize)]
struct Cost {
    provider: &'static str,
    bytes: u64,
    monthly: f64,
    back: f64,
    #[serde(flatten)]
    price: Price,
}

fn cost(settings: Settings, volume: Option<u64>, report: &Report) -> Result<Outcome> {
    let bytes = match volume {
        Some(bytes) => bytes,
        None => Vault::open(settings)?.status()?.bytes,
    };
    let of = |provider: &'static Provider| {
        let price = provider.price?;
        let (monthly, back) = (price.monthly(bytes), price.back(bytes));
        Some(Cost { provider: provider.id, bytes, monthly, back, price })
    };
    let costs: Vec<Cost> = PROVIDERS.iter().filter_map(of).collect();
    report.note(&format!("{} cost about, a month and before taxes:", size(bytes)));
    report.list(&costs, |cost| {
        format!(
            "{:<14} {:>8.2} {}  {:>8.2} to bring back  ({}) {}",
            Provider::named(cost.provider).name,
            cost.monthly,
            cost.price.currency,
            cost.back,
            cost.price.as_of,
            cost.price.note
        )
    });
    report.note("An estimate: prices change, and each provider's page has today's.");
    Ok(Outcome::Clean)
}
