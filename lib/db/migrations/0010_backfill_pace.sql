CREATE TABLE "backfill_pace" (
	"id" integer PRIMARY KEY NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"strikes" integer DEFAULT 0 NOT NULL,
	"resumes_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "backfill_sides" (
	"reconcile_id" text NOT NULL,
	"side" text NOT NULL,
	"subject" text,
	"stytch_user_id" text,
	"address_key" text,
	"is_verified" boolean NOT NULL,
	"is_blocked" boolean NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "backfill_sides_subject" ON "backfill_sides" USING btree ("reconcile_id","side","subject");--> statement-breakpoint
CREATE INDEX "backfill_sides_user" ON "backfill_sides" USING btree ("reconcile_id","stytch_user_id");--> statement-breakpoint
CREATE INDEX "backfill_sides_address" ON "backfill_sides" USING btree ("reconcile_id","address_key");--> statement-breakpoint
CREATE INDEX "backfill_sides_created" ON "backfill_sides" USING btree ("created_at");