//! What is known of the usual providers before anything is asked of them: addresses, where keys
//! come from, the least rights that do, and what a terabyte costs.
//!
//! All of it ages. Prices carry the month they were looked up in and are called an estimate
//! wherever they are shown; nothing but these sentences and sums depends on them.

use serde::Serialize;

/// One provider of S3 buckets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Provider {
    /// A short name that never changes.
    pub id: &'static str,
    pub name: &'static str,
    /// Its address; `{region}` and `{account}` are to be filled in.
    pub endpoint: &'static str,
    /// The first is offered first; empty where any text goes.
    pub regions: &'static [Region],
    /// What the region is called where nobody changed it; empty where nothing is usual.
    pub usual_region: &'static str,
    /// Where to make a bucket and its keys, in a sentence or two.
    pub hint: &'static str,
    pub price: Option<Price>,
    #[serde(skip)]
    policy: Rights,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Region {
    pub id: &'static str,
    pub name: &'static str,
}

/// What storing costs, without taxes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Price {
    /// `USD` or `EUR`.
    pub currency: &'static str,
    /// A month, for 10^12 bytes.
    pub per_terabyte: f64,
    /// However little is stored.
    pub least: f64,
    /// What bringing 10^12 bytes back costs.
    pub per_terabyte_back: f64,
    pub note: &'static str,
    /// When this was last seen to hold.
    pub as_of: &'static str,
    pub source: &'static str,
}

/// The least rights Darkslide needs, to be copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Policy {
    /// What to do with the text.
    pub how: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rights {
    /// A policy in the language of AWS.
    Document(&'static str),
    /// Commands or steps, with `{bucket}`.
    Steps(&'static str, &'static str),
}

const fn region(id: &'static str, name: &'static str) -> Region {
    Region { id, name }
}

pub const PROVIDERS: &[Provider] = &[
    Provider {
        id: "aws",
        name: "Amazon S3",
        endpoint: "https://s3.{region}.amazonaws.com",
        regions: &[
            region("eu-central-1", "Frankfurt"),
            region("eu-west-1", "Ireland"),
            region("eu-west-2", "London"),
            region("eu-west-3", "Paris"),
            region("eu-north-1", "Stockholm"),
            region("us-east-1", "Virginia"),
            region("us-east-2", "Ohio"),
            region("us-west-2", "Oregon"),
            region("ca-central-1", "Canada"),
            region("ap-southeast-1", "Singapore"),
            region("ap-southeast-2", "Sydney"),
            region("ap-northeast-1", "Tokyo"),
            region("sa-east-1", "São Paulo"),
        ],
        usual_region: "",
        hint: "Make a user in IAM without access to the console, give it the policy below, and make an access key for it.",
        price: Some(Price {
            currency: "USD",
            per_terabyte: 23.0,
            least: 0.0,
            per_terabyte_back: 90.0,
            note: "S3 Standard in Virginia, Ohio, Oregon, Ireland, Stockholm; elsewhere up to a tenth more, and bringing back from Asia a third. São Paulo: 40.50, and 150 back. The first 100 GB a month back are free.",
            as_of: "2026-09",
            source: "https://aws.amazon.com/s3/pricing/",
        }),
        policy: Rights::Document(
            "IAM, Users, your user, Add permissions, Create inline policy, JSON: paste this.",
        ),
    },
    Provider {
        id: "b2",
        name: "Backblaze B2",
        endpoint: "https://s3.{region}.backblazeb2.com",
        regions: &[
            region("eu-central-003", "Amsterdam"),
            region("us-west-004", "California"),
            region("us-west-002", "Arizona"),
            region("us-east-005", "Virginia"),
            region("ca-east-006", "Toronto"),
        ],
        usual_region: "",
        hint: "The region stands in the bucket's own address. Make an application key for this bucket; keyID is the access key.",
        price: Some(Price {
            currency: "USD",
            per_terabyte: 6.95,
            least: 0.0,
            per_terabyte_back: 0.0,
            note: "The first 10 GB are free. Bringing back is free up to three times what is stored, then 10 a terabyte.",
            as_of: "2026-09",
            source: "https://www.backblaze.com/cloud-storage/pricing",
        }),
        policy: Rights::Steps(
            "With Backblaze's own program (`b2`), or the same rights in Application Keys on the web:",
            "b2 key create --bucket {bucket} darkslide \\\n  listBuckets,listFiles,readFiles,writeFiles,deleteFiles,readBuckets,listAllBucketNames",
        ),
    },
    Provider {
        id: "r2",
        name: "Cloudflare R2",
        endpoint: "https://{account}.r2.cloudflarestorage.com",
        regions: &[region("auto", "Automatic")],
        usual_region: "",
        hint: "The account's id stands in the address of every page of R2. Buckets of the EU have .eu. before r2.",
        price: Some(Price {
            currency: "USD",
            per_terabyte: 15.0,
            least: 0.0,
            per_terabyte_back: 0.0,
            note: "The first 10 GB are free. Bringing back costs nothing.",
            as_of: "2026-08",
            source: "https://developers.cloudflare.com/r2/pricing/",
        }),
        policy: Rights::Steps(
            "R2, Manage API tokens, Create API token:",
            "Permissions    Object Read & Write\nBuckets        Apply to specific buckets only: {bucket}\nTTL            Forever",
        ),
    },
    Provider {
        id: "wasabi",
        name: "Wasabi",
        endpoint: "https://s3.{region}.wasabisys.com",
        regions: &[
            region("eu-central-1", "Amsterdam"),
            region("eu-central-2", "Frankfurt"),
            region("eu-west-1", "London"),
            region("eu-west-2", "Paris"),
            region("us-east-1", "Virginia"),
            region("us-east-2", "Virginia 2"),
            region("us-central-1", "Texas"),
            region("us-west-1", "Oregon"),
            region("ca-central-1", "Toronto"),
            region("ap-northeast-1", "Tokyo"),
            region("ap-southeast-1", "Singapore"),
            region("ap-southeast-2", "Sydney"),
        ],
        usual_region: "",
        hint: "Make a user with programmatic access and give it the policy below. What is deleted is paid for until it is 90 days old.",
        price: Some(Price {
            currency: "USD",
            per_terabyte: 7.99,
            least: 7.99,
            per_terabyte_back: 0.0,
            note: "At least one terabyte is paid for, and every object for at least 90 days. Bringing back more in a month than is stored is not welcome.",
            as_of: "2026-09",
            source: "https://wasabi.com/pricing",
        }),
        policy: Rights::Document(
            "Policies, Create policy: paste this, then attach it to the user.",
        ),
    },
    Provider {
        id: "hetzner",
        name: "Hetzner",
        endpoint: "https://{region}.your-objectstorage.com",
        regions: &[
            region("fsn1", "Falkenstein"),
            region("nbg1", "Nuremberg"),
            region("hel1", "Helsinki"),
        ],
        usual_region: "",
        hint: "Keys of Hetzner open every bucket of their project: make a project for this bucket alone.",
        price: Some(Price {
            currency: "EUR",
            per_terabyte: 6.49,
            least: 6.49,
            per_terabyte_back: 1.0,
            note: "The least price holds one terabyte, and one terabyte back. An object counts as 64 kB at least.",
            as_of: "2026-04",
            source: "https://www.hetzner.com/storage/object-storage/",
        }),
        policy: Rights::Steps(
            "Keys open a whole project here, so the project is what limits them:",
            "1. A new project for nothing but {bucket}\n2. In it: Object Storage, Create Bucket {bucket}, visibility Private\n3. Security, S3 Credentials, Generate credentials",
        ),
    },
    Provider {
        id: "minio",
        name: "MinIO",
        endpoint: "",
        regions: &[],
        usual_region: "us-east-1",
        hint: "The address of your own server, as https://minio.example.com:9000. The region is us-east-1 unless you set one.",
        price: None,
        policy: Rights::Document(
            "Save this as darkslide.json, then: mc admin policy create SERVER darkslide darkslide.json and mc admin policy attach SERVER darkslide --user USER",
        ),
    },
    Provider {
        id: "garage",
        name: "Garage",
        endpoint: "",
        regions: &[],
        usual_region: "garage",
        hint: "The address of its S3 API, as http://garage.local:3900; the region is what its s3_region says.",
        price: None,
        policy: Rights::Steps(
            "On the server:",
            "garage key create darkslide\ngarage bucket create {bucket}\ngarage bucket allow --read --write {bucket} --key darkslide",
        ),
    },
    Provider {
        id: "other",
        name: "Other",
        endpoint: "",
        regions: &[],
        usual_region: "",
        hint: "Any service that speaks S3 with signature V4.",
        price: None,
        policy: Rights::Document("Where the service knows policies in the language of AWS:"),
    },
];

/// What may be done in the bucket, and no more.
const IN_OBJECTS: &[&str] = &[
    "s3:GetObject",
    "s3:PutObject",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
];
const IN_BUCKET: &[&str] = &[
    "s3:ListBucket",
    "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads",
    "s3:GetBucketVersioning",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetLifecycleConfiguration",
];

impl Provider {
    /// The provider of this id; `other` where there is none.
    #[must_use]
    pub fn named(id: &str) -> &'static Self {
        let other = &PROVIDERS[PROVIDERS.len() - 1];
        PROVIDERS.iter().find(|provider| provider.id == id).unwrap_or(other)
    }

    /// The least rights that do, for these buckets.
    #[must_use]
    pub fn policy(&self, buckets: &[&str]) -> Policy {
        match self.policy {
            Rights::Document(how) => Policy { how: how.to_owned(), text: document(buckets) },
            Rights::Steps(how, steps) => {
                let each = buckets.iter().map(|bucket| steps.replace("{bucket}", bucket));
                Policy { how: how.to_owned(), text: each.collect::<Vec<_>>().join("\n\n") }
            }
        }
    }
}

impl Price {
    /// What this many bytes cost a month.
    #[must_use]
    pub fn monthly(&self, bytes: u64) -> f64 {
        (self.per_terabyte * bytes as f64 / 1e12).max(self.least)
    }

    /// What bringing this many bytes back costs, once.
    #[must_use]
    pub fn back(&self, bytes: u64) -> f64 {
        self.per_terabyte_back * bytes as f64 / 1e12
    }
}

/// Whose address this is.
#[must_use]
pub fn provider_of(endpoint: &str) -> &'static Provider {
    let host = url::Url::parse(endpoint).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.unwrap_or_default();
    let of = [
        (".amazonaws.com", "aws"),
        (".backblazeb2.com", "b2"),
        (".r2.cloudflarestorage.com", "r2"),
        (".wasabisys.com", "wasabi"),
        (".your-objectstorage.com", "hetzner"),
    ];
    let id = of.iter().find(|(end, _)| host.ends_with(end)).map_or("other", |(_, id)| id);
    Provider::named(id)
}

fn document(buckets: &[&str]) -> String {
    let arn = |end: &str| {
        buckets.iter().map(|bucket| format!("arn:aws:s3:::{bucket}{end}")).collect::<Vec<_>>()
    };
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": IN_BUCKET, "Resource": arn("") },
            { "Effect": "Allow", "Action": IN_OBJECTS, "Resource": arn("/*") },
        ],
    });
    serde_json::to_string_pretty(&policy).expect("plain values")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_provider_is_told_by_its_own_address() {
        for provider in PROVIDERS.iter().filter(|provider| !provider.endpoint.is_empty()) {
            let region = provider.regions.first().expect("a region is offered first");
            let endpoint =
                provider.endpoint.replace("{region}", region.id).replace("{account}", "0a1b");
            assert_eq!(provider_of(&endpoint).id, provider.id, "{endpoint}");
        }
        for other in
            ["https://minio.example.com:9000", "nonsense", "https://amazonaws.com.evil.org"]
        {
            assert_eq!(provider_of(other).id, "other", "{other}");
        }
    }

    #[test]
    fn rights_name_the_buckets_and_nothing_wider() {
        for provider in PROVIDERS {
            let Policy { text, how } = provider.policy(&["photos", "shown"]);
            assert!(text.contains("photos") && text.contains("shown"), "{}: {text}", provider.id);
            assert!(!text.contains("s3:*") && !text.contains("\"*\""), "{text}");
            assert!(!text.contains("{bucket}") && !how.is_empty(), "{text}");
        }
        let document: serde_json::Value =
            serde_json::from_str(&Provider::named("aws").policy(&["photos"]).text).unwrap();
        assert_eq!(document["Statement"][1]["Resource"][0], "arn:aws:s3:::photos/*");
    }

    #[test]
    fn a_terabyte_costs_what_the_table_says_and_little_costs_the_least() {
        let price = |id| Provider::named(id).price.unwrap();
        assert!((price("aws").monthly(1_000_000_000_000) - 23.0).abs() < 1e-9);
        assert!((price("wasabi").monthly(1_000_000_000) - 7.99).abs() < 1e-9);
        assert!((price("b2").monthly(500_000_000_000) - 3.475).abs() < 1e-9);
        assert!((price("r2").back(3_000_000_000_000)).abs() < 1e-9);
        for provider in PROVIDERS.iter().filter_map(|provider| provider.price) {
            assert!(provider.source.starts_with("https://") && provider.as_of.len() == 7);
        }
    }
}
